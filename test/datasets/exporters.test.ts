import { expect, test } from 'vitest'
import coco from '../../src/datasets/coco'
import cocoResults from '../../src/datasets/coco-results'
import csv from '../../src/datasets/csv'
import jsonl from '../../src/datasets/jsonl'
import { evaluateCoco } from '../../src/shared/metrics/coco-evaluation'
import { parseCocoGroundTruth, parseCocoResults } from '../../src/shared/metrics/coco-schema'
import type { Report, TextSink } from '../../src/shared/plugin'
import { decodeRle } from '../../src/shared/vision/rle'
import { rleFromText } from '../../src/shared/vision/rle-text'
import { emptyReport, report } from './reports'

const written = (write: (sink: TextSink) => void): string => {
  let text = ''
  write({ write: (piece) => (text += piece) })
  return text
}
const cocoText = (given: Report) =>
  written((sink) => {
    coco.write(given, sink, {})
  })
const resultsText = (given: Report) =>
  written((sink) => {
    cocoResults.write(given, sink, {})
  })
const jsonlText = (given: Report) =>
  written((sink) => {
    jsonl.write(given, sink, {})
  })
const csvText = (given: Report, params: object = {}) =>
  written((sink) => {
    csv.write(given, sink, csv.params.parse(params))
  })

test('COCO: images by id, category ids of the report, numbered annotations, rounded numbers', () => {
  expect(cocoText(report)).toBe(`{"images":[
{"id":1,"file_name":"street/a.jpg","width":6,"height":4},
{"id":2,"file_name":"Straße/図.png","width":6,"height":4},
{"id":3,"file_name":"-odd, \\"name\\".jpg","width":6,"height":4}
],
"categories":[
{"id":1,"name":"person"},
{"id":3,"name":"=cmd()"},
{"id":44,"name":"stop sign, \\"red\\""}
],
"annotations":[
{"id":1,"image_id":1,"category_id":44,"bbox":[0,0.33,4.01,3.67],"area":14.72,"score":0.66667,"iscrowd":0},
{"id":2,"image_id":1,"category_id":1,"bbox":[1,1,4,2],"area":8,"score":0.5,"iscrowd":0},
{"id":3,"image_id":1,"category_id":3,"bbox":[-2.5,0,1002.5,2],"area":2005,"score":0,"iscrowd":0},
{"id":4,"image_id":2,"category_id":1,"bbox":[0,0,6,4],"area":24,"score":1,"iscrowd":0}
]}
`)
  expect(JSON.parse(cocoText(emptyReport))).toEqual({ images: [], categories: [], annotations: [] })
})

test('COCO results: a list that evaluates as perfect against the document of the same run', () => {
  const results = parseCocoResults(JSON.parse(resultsText(report)))
  expect(results[0]).toEqual({
    image_id: 1,
    category_id: 44,
    bbox: [0, 0.33, 4.01, 3.67],
    score: 0.66667,
  })
  const truth = parseCocoGroundTruth(JSON.parse(cocoText(report)))
  expect(evaluateCoco(truth, results, { iouType: 'bbox' }).stats.AP).toBeCloseTo(1, 9)
  expect(resultsText(emptyReport)).toBe('[]\n')
})

test('JSON Lines: one image a line, stages only where there are any', () => {
  const lines = jsonlText(report).split('\n')
  expect(lines).toHaveLength(4)
  const [first, second] = lines.map((line) => (line === '' ? null : (JSON.parse(line) as object)))
  const counts = report.images[0]!.masks['raw']!
  expect(first).toEqual({
    file: 'street/a.jpg',
    width: 6,
    height: 4,
    sha256: 'a'.repeat(64),
    detections: [
      { box: [0, 0.33, 4.01, 4], score: 0.66667, label: 'stop sign, "red"', classId: 1 },
      { box: [1, 1, 5, 3], score: 0.5, label: 'person', classId: 0 },
      { box: [-2.5, 0, 1000, 2], score: 0, label: '=cmd()', classId: 2 },
    ],
    masks: { completed: { size: [4, 6], counts }, raw: { size: [4, 6], counts } },
    notes: { cause: null, complete: true, removedFraction: 1 / 3, rung: 2 },
    warnings: ['The photograph\nis small'],
    stages: [{ name: 'segment', ms: 12.25 }],
  })
  expect(second).not.toHaveProperty('stages')
  expect(decodeRle(rleFromText(counts, { height: 4, width: 6 })).bits).toContain(1)
})

test('CSV: quoted by RFC 4180, guarded against formulas, empty images kept', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string]
  expect(csvText(report).split('\r\n')).toEqual([
    'image_id,file,width,height,sha256,label,class_id,score,x1,y1,x2,y2',
    `1,street/a.jpg,6,4,${a},"stop sign, ""red""",1,0.66667,0,0.33,4.01,4`,
    `1,street/a.jpg,6,4,${a},person,0,0.5,1,1,5,3`,
    `1,street/a.jpg,6,4,${a},'=cmd(),2,0,-2.5,0,1000,2`,
    `2,Straße/図.png,6,4,${b},person,0,1,0,0,6,4`,
    `3,"'-odd, ""name"".jpg",6,4,${c},,,,,,,`,
    '',
  ])
})

test('CSV: the guard and the rows of empty images can be turned off', () => {
  const plain = csvText(report, { emptyImages: false, guardFormulas: false })
  expect(plain).toContain(',=cmd(),')
  expect(plain).not.toContain('-odd')
})
