export {
  generateDistrict,
  type DistrictOptions,
  type GeneratedDistrict,
  type GeneratedFile,
} from './generate-district.js';
export { districtShape, type DistrictShape, type SchoolLevel, type SchoolShape } from './shape.js';
export { writeFolder } from './write-folder.js';
