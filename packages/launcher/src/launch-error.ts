/** Why Hallpass cannot start or go on, in words for the person at the keyboard. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
}
