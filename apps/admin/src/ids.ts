export { ID_MESSAGE, ID_PATTERN, IdPipe } from '@hallpass/service-kit';
