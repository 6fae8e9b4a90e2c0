/**
 * What each code of an import or export means, in one sentence: for reports, the manual and whoever asks. A code is stable;
 * its message names the file and the value. Codes of plug-ins of others are not in it.
 */
const meanings = {
  // Files and paths
  E_FILE_NOT_FOUND: 'There is no such file or folder.',
  E_FILE_EMPTY: 'The file holds no bytes.',
  E_FILE_UNREADABLE: 'The system does not let the file be read.',
  E_FILE_NOT_REGULAR: 'A folder, pipe, socket or device stands where a file was expected.',
  E_FOLDER_UNREADABLE: 'The system does not let the folder be listed.',
  E_LINK: 'A link was found, and not followed.',
  E_PATH_ESCAPES_ROOT: 'A name leads out of the imported folder.',
  E_PATH_INVALID: 'A name is empty, holds a NUL, or cannot be told from another one.',
  E_PATH_IS_URL: 'An address stands where a file name should.',
  E_NO_IMAGES: 'A folder holds no pictures.',
  W_FILE_CHANGED: 'The file was written to while it was read.',
  W_NAME_NOT_UTF8: 'The name is not UTF-8.',
  W_NAME_UNUSUAL: 'The name holds control characters.',
  W_NAME_COLLISION: 'Two names are one on systems that ignore case or accents.',
  W_NAME_RESERVED: 'The name is not allowed on Windows.',

  // Archives
  E_ARCHIVE_PATH: 'An entry would be unpacked outside its folder.',
  E_ARCHIVE_LINK: 'An entry is a link.',
  E_ARCHIVE_RATIO: 'An entry, or all together, unpack to more than is allowed.',
  E_ARCHIVE_DUPLICATE: 'One name occurs twice.',
  E_ARCHIVE_CORRUPT: 'The archive is damaged, lies about sizes or check sums, or needs a password.',

  // Pictures
  E_IMAGE_TRUNCATED: 'The data stop before the picture is complete.',
  E_IMAGE_CORRUPT: 'The data are damaged.',
  E_IMAGE_UNKNOWN_FORMAT: 'The bytes are those of no picture.',
  E_IMAGE_UNSUPPORTED: 'The picture is of a kind that is not read.',
  E_IMAGE_TOO_LARGE: 'The picture has more pixels or bytes than is allowed.',
  E_IMAGE_TIMEOUT: 'Decoding took too long.',
  W_EXTENSION_MISMATCH: 'The ending says another format than the bytes.',
  W_TRAILING_DATA: 'There are bytes behind the end of the picture.',
  W_COLOUR_CONVERTED: 'CMYK or Lab colours are converted to RGB.',
  W_BIT_DEPTH_REDUCED: '16 bits a channel are reduced to 8.',
  W_ALPHA_DROPPED: 'The picture is partly transparent and laid on black.',
  W_EXIF_ORIENTATION: 'The picture is turned upright; the message says how boxes were taken.',
  W_EXIF_INVALID: 'The noted orientation has no meaning and is ignored.',
  W_ANIMATION_FIRST_FRAME: 'Only the first frame or page is read.',
  W_EXTREME_ASPECT: 'The picture is so narrow that a detector will hardly see anything.',
  W_IMAGE_FILE_MISSING: 'A record names a file that is not there.',
  W_IMAGE_SIZE_MISMATCH: 'The stated size, or a tile, does not fit the picture.',

  // Masks
  E_MASK_SIZE_MISMATCH: 'The mask has another size than its picture.',
  W_MASK_VALUES: 'The mask holds other values than 0 and white.',
  W_MASK_LOSSY: 'The mask was stored with loss.',
  W_MASK_COVERS_MOST: 'More than half of the picture is set: it may be inverted.',
  W_MASK_EMPTY: 'No pixel is set.',
  W_MASK_MULTI_VALUE: 'Several colours were taken for as many patches.',
  W_MASK_BY_CLASS:
    'A mask tells classes apart but no objects; each connected part was taken for one.',
  W_MASK_OUTSIDE_BOX: 'The mask lies outside the box of its patch.',

  // Boxes, polygons, runs
  E_ANN_IMAGE_UNKNOWN: 'An annotation names an image that is not listed.',
  E_ANN_CATEGORY_UNKNOWN: 'An annotation names a class that is not listed.',
  E_BBOX_NOT_FINITE: 'A box holds NaN or infinity.',
  E_BBOX_MALFORMED: 'A box is missing, or is not four numbers.',
  E_BBOX_NEGATIVE_SIZE: 'A box has a negative width or height.',
  E_SCORE_NOT_FINITE: 'A score is no finite number.',
  E_RLE_LENGTH: 'Runs do not add up to the size of the mask.',
  E_RLE_MALFORMED: 'Runs cannot be read.',
  E_RLE_SIZE_MISMATCH: "Runs are for another size than the picture's.",
  E_POLYGON_MALFORMED:
    'A polygon has fewer than three points, an odd list, or numbers that cannot be used.',
  W_BBOX_EMPTY: 'A box has no extent.',
  W_BBOX_OUTSIDE_IMAGE: 'A box leaves its picture.',
  W_BBOX_LOOKS_XYXY: 'All boxes leave their pictures unless they are read as two corners.',

  // Ids, names, fields
  E_DUPLICATE_IMAGE_ID: 'Two images have one id, so their objects cannot be told apart.',
  E_DUPLICATE_CATEGORY_ID: 'Two classes have one id.',
  E_ID_OUT_OF_RANGE: 'An id is too large to be exact.',
  W_DUPLICATE_ANN_ID: 'Two annotations have one id; both are kept.',
  W_DUPLICATE_CATEGORY_NAME: 'Two classes have one name; they are kept apart by id.',
  W_DUPLICATE_FILE_NAME: 'Two images name one file.',
  W_ANN_ID_ZERO: 'The id 0 breaks the usual evaluation; ids are given anew.',
  W_ID_NOT_INTEGER: 'An id is text.',
  W_UNKNOWN_FIELD: 'A field is not known and is left out.',
  W_FIELD_TYPE: 'A field has the wrong type and is left out.',
  W_PATCH_UNKNOWN: 'A patch id is not in the list of patches.',
  W_TARGET_ZERO_BASED: 'Targets are counted from 0 and were raised by one.',
  W_UNKNOWN_BACKGROUND: 'A background is none of the ten known ones.',

  // Text formats
  E_ENCODING: 'The text is not UTF-8.',
  E_JSON_SYNTAX: 'The text is no JSON; the message gives line and column.',
  E_JSON_TRUNCATED: 'The JSON text ends early.',
  E_JSON_TOO_DEEP: 'The JSON text is nested too deep.',
  E_JSON_TOO_LARGE: 'The JSON text is too large for its kind.',
  E_JSON_DUPLICATE_KEY: 'A key that must be unique is given twice.',
  E_COCO_NO_IMAGES: 'There is no list of images.',
  E_NO_ANNOTATIONS: 'Nothing was found that the format reads.',
  E_NOT_RESULTS: 'The file is no list of detections.',
  E_XML_SYNTAX: 'The text is no XML.',
  E_XML_DOCTYPE: 'The XML declares a document type, which is refused.',
  E_CSV_SYNTAX: 'The text is no CSV.',
  E_LABEL_COLUMNS: 'A line has too few or too many columns, or a table lacks one.',
  E_LABEL_NUMBER: 'A value is no number.',
  E_LABEL_NOT_NORMALISED: 'Coordinates are pixels where fractions are expected.',
  W_JSON_DUPLICATE_KEY: 'A key is given twice; the last one counts.',
  W_IS_RESULTS_FILE: 'The file is a list of detections: import it as a run.',
  W_CLASS_NOT_INTEGER: 'A class number has a decimal point.',
  W_LABEL_HAS_SCORE: 'A label has a sixth column, as detections have.',
  W_VOC_FRACTIONAL: 'Corners are no whole numbers.',
  W_VOC_ZERO_BASED: "Corners count from 0, against the format's rule.",
  W_CSV_FORMULA: 'A cell would be run by a spreadsheet; it is kept as text.',
  E_FORMAT_UNKNOWN: 'There is no format of that name.',
  E_FORMAT_NOT_RECOGNIZED: 'The files are of no known format.',
  E_FORMAT_UNSUPPORTED: 'A variant of a format is known but not read.',

  // Tensors
  E_HDF5_CORRUPT: 'The HDF5 file is damaged.',
  E_HDF5_NO_IMAGES: 'The HDF5 file holds no pictures.',
  E_TENSOR_SHAPE: 'An array has the wrong shape.',
  E_TENSOR_COUNT: 'Pictures and latents differ in number.',
  E_TENSOR_NOT_FINITE: 'A row holds NaN or infinity.',
  E_CLASS_FROM_NAME: 'The name of a file or folder gives no class.',
  E_PICKLE_FORBIDDEN: 'A torch file asks for something that is not allowed; nothing was called.',
  E_PICKLE_MALFORMED: 'A torch file cannot be read.',
  W_LATENT_SHAPE: 'Latents have another width than expected.',
  W_TENSOR_DTYPE: 'Numbers are bytes where floats are expected.',
  W_TENSOR_RANGE: 'Values lie far outside the expected range.',

  // Exporting
  E_TARGET_NOT_EMPTY: 'The target folder is not empty.',
  E_TARGET_EXISTS: 'The target file is there already, or is no file.',
  E_TARGET_IS_INPUT: 'The export would overwrite what the data come from.',
  E_TARGET_NEEDS_FOLDER: 'The format is a folder of files, and no folder was given.',
  E_DISK_FULL: 'The disk is full; what stood there before is unchanged.',
  E_WRITE_DENIED: 'The system does not let the target be written.',
  E_WRITE_FAILED: 'Writing failed for another reason.',
} as const satisfies Readonly<Record<string, string>>

/** All codes of imports and exports with their meanings, in the order of the manual. */
export const problemCodes: ReadonlyMap<string, string> = new Map(Object.entries(meanings))
