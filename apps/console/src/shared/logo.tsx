/** The mark: a pass with its notch, and the tick of a grant. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        fill="var(--mantine-primary-color-filled)"
        d="M7 3h18a4 4 0 0 1 4 4v6a3 3 0 0 0 0 6v6a4 4 0 0 1-4 4H7a4 4 0 0 1-4-4v-6a3 3 0 0 0 0-6V7a4 4 0 0 1 4-4Z"
      />
      <path
        d="m10 16.5 4.2 4.2L22.5 12"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
