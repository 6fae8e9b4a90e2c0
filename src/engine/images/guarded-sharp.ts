import sharp from 'sharp'

// First of all, nothing but these loaders may read a byte in this process: no SVG, no PDF, no ImageMagick.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff'].map((name) => `VipsForeignLoad${name}Buffer`),
})
sharp.concurrency(1) // one process per core decodes better than one picture on all cores
sharp.cache(false) // no picture is decoded twice

/** sharp, fit for pictures from strangers: the only way to it in this program. */
export { sharp }
