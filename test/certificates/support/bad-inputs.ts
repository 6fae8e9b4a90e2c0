const cell = { p: '1/2', encoding: 'center', cells: [1], ablated_slots: 0, samples: 1 }
/** Method, kind and an input of it that must be refused. */
export const badInputs: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] =
  [
    ['derandomized-smoothing', 'column_votes', { width: 4, band_size: 5, votes: [1, 2] }],
    ['derandomized-smoothing', 'column_votes', { width: 4, band_size: 1, votes: [1, 5] }],
    ['derandomized-smoothing', 'column_votes', { width: 4, band_size: 1, stride: 5, votes: [1] }],
    ['derandomized-smoothing', 'column_votes', { band_size: 1, votes: [1, 5] }],
    [
      'derandomized-smoothing',
      'affected_positions',
      { ablation: 'spiral', width: 4, patch_size: 1 },
    ],
    [
      'derandomized-smoothing',
      'column_location_map',
      { width: 2, band_size: 1, patch_size: 1, num_classes: 2, class_sets_by_position: [[0]] },
    ],
    [
      'derandomized-smoothing',
      'column_location_map',
      { width: 1, band_size: 1, patch_size: 1, num_classes: 2, class_sets_by_position: [[2]] },
    ],
    ['randomized-ablation', 'radius_from_lower_bound', { pixels: 4, retained: 5, lower: 0.9 }],
    ['randomized-ablation', 'overlap_probability', { pixels: 4, retained: 1, changed: 5 }],
    [
      'randomized-ablation',
      'certify_from_counts',
      { pixels: 4, retained: 1, samples: 5, top_count: 6, alpha_one_sided: 0.05 },
    ],
    ['randomized-ablation', 'ablated_encoding', { image_uint8: [[[1, 2]]], retained_pixels: [2] }],
    [
      'randomized-ablation',
      'ablated_encoding',
      { image_uint8: [[[1, 2], [3]]], retained_pixels: [] },
    ],
    [
      'randomized-ablation',
      'ablated_encoding',
      { image_uint8: [[[1, 2]]], width: 3, retained_pixels: [] },
    ],
    [
      'randomized-ablation',
      'ablated_encoding',
      { image_uint8: [[[1, 2]]], channels: 2, retained_pixels: [] },
    ],
    [
      'randomized-ablation',
      'ablated_encoding',
      { image_uint8: [[[1, 2]]], height: 2, retained_pixels: [] },
    ],
    ['randomized-ablation', 'radius_from_lower_bound', { pixels: 4, retained: 1, lower: 1.5 }],
    ['numerics', 'normal_quantile', { p: 1.5 }],
    ['dssn', 'certificate_from_counts', { levels: 5, counts: [3, 3] }],
    ['dssn', 'certificate_from_counts', { levels: 5, num_classes: 3, counts: [3, 1] }],
    ['dssn', 'certificate_from_counts', { levels: 5, num_classes: 3, counts: { '3': 1 } }],
    ['dssn', 'splitting_operator', { levels: 5, template: [5], image_uint8: [1], shifts: [0] }],
    ['dssn', 'splitting_operator', { levels: 5, template: [1, 1], image_uint8: [1], shifts: [0] }],
    ['dssn', 'splitting_operator', { levels: 5, template: [1], image_uint8: [256], shifts: [0] }],
    [
      'dssn',
      'monte_carlo_certificate',
      { lambda_: 1, samples: 2, top_count: 3, alpha_two_sided: 0.1 },
    ],
    ['dssn', 'monte_carlo_certificate', { lambda_: 1, samples: 2, top_count: 1 }],
    [
      'dssn',
      'pipeline',
      {
        channels: 1,
        height: 1,
        width: 1,
        levels: 2,
        template: [0],
        image_uint8: [[[1]]],
        weights: [[1], [1, 2]],
        bias: [0, 0],
      },
    ],
    ['fractional-lp', 'budget', { p: '1/4', alpha: 1 }],
    ['fractional-lp', 'budget', { p: '1/2', alpha: 0.9 }],
    ['fractional-lp', 'l0_certificate_from_counts', { samples: 5, counts: [3, 3] }],
    ['fractional-lp', 'certificate_from_counts', { p: '1/2', alpha: 1, samples: 5, counts: [6] }],
    ['fractional-lp', 'norm_conversion_baseline', { levels: 5, counts: [6] }],
    [
      'fractional-lp',
      'splitting_operator',
      { ...cell, template: [1], image_uint8: [1], shifts: [0] },
    ],
    [
      'fractional-lp',
      'splitting_operator',
      { ...cell, template: [0], image_uint8: [], shifts: [0] },
    ],
    [
      'fractional-lp',
      'splitting_operator',
      { ...cell, samples: 2, template: [0], image_uint8: [1], shifts: [0] },
    ],
  ]

/** Method, kind, an input at the very end of what is accepted, and its answer. */
export const edgeInputs: readonly (readonly [
  string,
  string,
  Readonly<Record<string, unknown>>,
  Readonly<Record<string, unknown>>,
])[] = [
  [
    'randomized-ablation',
    'radius_from_lower_bound',
    { pixels: 4, retained: 4, lower: 1 },
    { radius: 0 },
  ],
  [
    'randomized-ablation',
    'overlap_probability',
    { pixels: 4, retained: 1, changed: 4 },
    { delta: 1 },
  ],
  // Exactly 1/16, which is no more than alpha.
  [
    'randomized-ablation',
    'predict_or_abstain',
    { counts: [0, 5], alpha: 0.0625 },
    { p_value: 0.0625, predicted: 1 },
  ],
  [
    'randomized-ablation',
    'predict_or_abstain',
    { counts: [5], alpha: 0.0625 },
    { p_value: 0.0625, predicted: 0 },
  ],
  [
    'dssn',
    'splitting_operator',
    { levels: 5, template: [1], image_uint8: [1], shifts: [0] },
    { outputs: { '0': [1.5 / 510] } },
  ],
  // One of one vote at a chance of one half: a bound of exactly one half.
  [
    'dssn',
    'monte_carlo_certificate',
    { lambda_: 1, samples: 1, top_count: 1, alpha_one_sided: 0.5 },
    { lower: 0.5, radius_l1: 0, abstain: false },
  ],
  [
    'dssn',
    'certificate_from_counts',
    { levels: 5, num_classes: 1, counts: {} },
    { predicted: 0, radius_levels: 0, radius_l1: 0 },
  ],
  [
    'wasserstein-smoothing',
    'flow_operator',
    {
      ...{
        channels: 2,
        height: 2,
        width: 1,
        image_uint8: [
          [[51], [51]],
          [[51], [102]],
        ],
      },
      ...{
        flow_vertical: [[[0.1]], [[-0.2]]],
        flow_horizontal: [
          [[], []],
          [[], []],
        ],
      },
    },
    {
      total_mass: 1,
      output: [
        [[0.30000000000000004], [0.1]],
        [[0], [0.6000000000000001]],
      ],
      flow_l1: 0.30000000000000004,
    },
  ],
  [
    'wasserstein-smoothing',
    'distances',
    {
      first: [new Array<number>(1024).fill(0).with(3, 1)],
      second: [new Array<number>(1024).fill(0).with(5, 1)],
    },
    { w1_l1_ground: 2, w1_l2_ground: 2, minimum_flow_l1: 2 },
  ],
]
