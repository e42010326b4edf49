/// How much each number of ``TempoChoice/features(of:at:)`` counts.
///
/// Maximum likelihood with a quadratic penalty (1 for each squared weight) on the 1,500
/// training clips of `shared/data/synthetic-music`: music of many styles, but composed by a program.
/// The features know neither that data's gaps between slow, medium and fast nor its tags; what is
/// learned is where accents fall. `Benchmarks/learn_facts.py` writes this file.
enum TempoWeights {
  static let values: [Float] = [
    // Below 200 Hz: periods, rates.
    -0.511, -0.161, 0.151, -0.432, -0.066, -0.107, -0.314, -0.630, 0.837, -0.556, 1.540,
    -0.050, -0.107, 1.433, -0.143, 1.976, 0.781, 1.047, 0.261, 0.426,
    // To 800 Hz: periods, rates.
    -0.001, 0.308, 0.429, -0.709, -0.525, 0.277, 0.443, 0.032, 0.303, 0.312, 0.777,
    -0.220, -0.098, 0.305, 0.713, 0.679, 0.187, 1.362, -0.044, 0.634,
    // To 2.5 kHz: periods, rates.
    -0.755, 0.411, -0.341, -0.540, -0.145, 0.600, 0.207, -0.395, 0.102, -0.116, 0.894,
    0.700, 0.512, -0.372, 0.401, 0.495, 0.248, 1.369, -0.102, 0.012,
    // Above: periods, rates.
    0.157, -0.073, 0.005, -0.661, -0.479, 0.274, 0.031, -0.328, 0.194, -0.242, 0.490,
    0.962, 0.967, 0.444, -0.540, 1.236, 0.824, 0.613, -1.652, 0.360,
    // All: periods, rates.
    -0.206, 0.263, 0.074, -0.489, -0.284, 1.077, 0.106, -0.151, 0.130, 0.228, 0.935,
    0.663, 0.292, 0.521, 0.192, 0.866, 0.309, 1.369, -0.354, 0.527,
    // Below 200 Hz with up to 2.5 kHz: periods.
    0.170, 0.436, 0.124, 0.297, 0.265, 1.732, -0.075, 0.132, -0.627, 0.110, -0.544,
    // Below 200 Hz with above 2.5 kHz: periods.
    0.200, 1.115, 0.629, -0.022, -0.156, 1.179, -0.382, 0.745, -0.224, 0.172, -0.503,
    // Up to 800 Hz with above 2.5 kHz: periods.
    0.063, -0.288, 0.281, 0.217, 0.394, 0.092, 0.136, 0.296, -0.065, -0.846, -0.404,
    // The same, times the logarithm of the tempo.
    // Below 200 Hz: periods, rates.
    0.294, -0.032, 0.382, -0.078, 0.006, 0.887, 0.074, 0.468, 0.336, 0.970, 0.313,
    -0.222, -0.096, -0.259, -0.004, -0.698, -0.900, -0.508, -0.834, -1.013,
    // To 800 Hz: periods, rates.
    0.552, 0.614, 0.195, 0.239, 0.493, 0.069, 0.457, 0.549, 0.050, 0.306, 0.015,
    -0.365, -0.087, -0.462, 0.349, -1.509, -0.214, -0.570, -0.591, -0.380,
    // To 2.5 kHz: periods, rates.
    0.557, 0.171, 0.506, 0.280, 0.016, 0.777, 0.693, 0.117, 0.667, 0.725, 0.514,
    -0.154, -0.010, -0.279, 0.102, -0.693, 0.165, -0.135, -0.038, -0.754,
    // Above: periods, rates.
    0.332, 0.416, 0.022, 0.216, 0.484, 0.471, 0.680, 0.347, 0.588, 0.579, 0.489,
    -0.164, 0.046, 0.203, 0.493, -0.298, 0.200, -0.366, 0.548, -0.298,
    // All: periods, rates.
    0.540, 0.268, 0.303, 0.224, 0.258, 0.194, 0.506, 0.262, 0.344, 0.371, 0.500,
    -0.238, -0.109, 0.001, 0.080, -0.816, 0.094, -0.370, -0.586, -0.927,
    // Below 200 Hz with up to 2.5 kHz: periods.
    0.206, 0.345, 0.021, 0.205, 0.090, -0.472, 0.320, -0.343, -0.365, -0.360, -0.252,
    // Below 200 Hz with above 2.5 kHz: periods.
    0.289, 0.376, -0.243, 0.227, 0.373, -0.475, 0.229, -0.346, -0.571, -0.508, -0.370,
    // Up to 800 Hz with above 2.5 kHz: periods.
    0.249, 0.423, -0.072, 0.447, 0.324, -0.142, 0.439, -0.179, -0.026, -0.030, -0.046,
    // The tempo, its square, and what the density of onsets makes of them.
    -1.328, -0.148, 1.328, 0.518, -0.558,
  ]
}

/// The profiles of ``KeyChoice``, learned from the same clips in the same way.
///
/// From the tonic upwards in semitones: the notes of the whole range, those of the bass, major triads
/// and minor triads. At the end, what is added to the mode's score.
enum KeyWeights {
  static let major: [Float] = [
    1.199, -0.859, 0.077, -1.100, 0.629, 0.479, -0.952, 0.861, -0.137, 0.113, -1.241, 0.125,
    0.580, -0.628, 0.218, -0.858, 0.288, 0.512, -0.815, 0.636, -0.803, 0.160, -1.012, 0.645,
    2.201, -0.315, -0.029, -0.800, -0.991, 1.489, -0.948, 1.952, -0.861, 0.403, -1.746, -0.155,
    0.186, -0.480, 0.309, -0.790, 1.640, 0.278, -1.197, 0.050, -1.447, 1.100, -0.900, 1.552,
    0.000,
  ]
  static let minor: [Float] = [
    1.545, -1.641, -0.348, 0.581, -0.395, 0.188, -0.708, 1.158, 0.619, -0.178, 0.996, -1.012,
    1.055, -1.087, 1.167, 0.054, -0.804, 0.236, -0.583, 1.222, 0.171, -0.650, -0.443, 0.740,
    -0.000, -0.908, 0.391, 1.039, -0.643, -0.258, -0.688, 2.216, 0.176, -1.476, 0.421, -0.471,
    1.973, -0.364, 0.433, -0.419, -0.629, 0.822, -0.733, -0.862, -0.304, -1.648, -0.116, 1.547,
    -0.031,
  ]
}

/// The logistic regression of ``MeterChoice``, learned from the same clips, of which nine in a
/// hundred have three beats; that share is in the bias.
enum MeterWeights {
  /// For the five onset curves, then the harmony and its bass, five comparisons each.
  static let values: [Float] = [
    0.312, 1.718, 1.158, 4.232, 1.172,
    3.006, 3.453, -2.318, 7.435, 3.866,
    2.507, 2.483, 0.010, 6.844, 3.150,
    1.498, 3.074, -0.091, 5.277, 2.751,
    -7.094, -6.193, -5.838, 0.797, -8.308,
    0.405, 0.108, 0.463, 1.314, 0.359,
    0.820, 0.444, 0.141, 0.614, 0.747,
  ]
  static let bias: Float = -1.807
}
