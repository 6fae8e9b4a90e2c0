/**
 * Under which name the mask of a detection stands among the masks of its image, where detections have masks. `place` counts
 * from 0 in the order of the image's detections, best score first.
 */
export const detectionMaskName = (place: number): string => `detection-${place}`
