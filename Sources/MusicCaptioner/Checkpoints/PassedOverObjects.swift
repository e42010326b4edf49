/// Objects that people save beside the weights: settings, dates, paths, the states of random generators.
///
/// Nothing of them is called or made, and what the pickle says of them is dropped. They are listed all the
/// same, so that a file that names anything else is refused instead of passing for harmless.
enum PassedOverObjects {
  /// Whether objects of this class, or results of this function, are passed over.
  static func include(_ module: String, _ name: String) -> Bool {
    if names[module]?.contains(name) == true { return true }
    let package = module.prefix { $0 != "." }
    let isClass = name.utf8.first.map { (0x41...0x5A).contains($0) } ?? false
    return isClass && (packages.contains(package) || module == "numpy.dtypes")
  }

  /// Packages of settings and of training loops, all classes of which are passed over.
  private static let packages: Set<Substring> = [
    "addict", "easydict", "lightning", "lightning_fabric", "ml_collections", "omegaconf",
    "pytorch_lightning", "transformers", "yacs",
  ]

  private static let names: [String: Set<String>] = {
    let arrays: Set = ["_reconstruct", "scalar"]
    let paths: Set = [
      "Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath", "WindowsPath",
    ]
    let builtIn: Set = [
      "bool", "bytearray", "bytes", "complex", "dict", "float", "int", "list", "object", "range",
      "slice",
      "str", "tuple",
    ]
    return [
      "argparse": ["Namespace"],
      "builtins": builtIn, "__builtin__": builtIn.union(["long", "unicode", "xrange"]),
      "collections": ["Counter", "deque"],
      "copy_reg": ["_reconstructor"], "copyreg": ["_reconstructor"],
      "datetime": ["date", "datetime", "time", "timedelta", "timezone"],
      "decimal": ["Decimal"],
      "fractions": ["Fraction"],
      "numpy": numpyNames,
      "numpy.core.multiarray": arrays, "numpy._core.multiarray": arrays,
      "numpy.core.numeric": ["_frombuffer"], "numpy._core.numeric": ["_frombuffer"],
      "numpy.random._pickle": [
        "__bit_generator_ctor", "__generator_ctor", "__randomstate_ctor",
      ],
      "numpy.random.bit_generator": ["SeedSequence", "__pyx_unpickle_SeedSequence"],
      "numpy.random._mt19937": ["MT19937"], "numpy.random._pcg64": ["PCG64", "PCG64DXSM"],
      "numpy.random._philox": ["Philox"], "numpy.random._sfc64": ["SFC64"],
      "pathlib": paths, "pathlib._local": paths,
      "torch": torchNames,
      "torch._tensor": ["Tensor"],
      "torch.nn.parameter": ["Buffer", "Parameter"],
      "torch.serialization": ["_get_layout"],
      "torch.torch_version": ["TorchVersion"],
      "types": ["SimpleNamespace"],
      "typing": ["Any"],
      "uuid": ["UUID"],
    ]
  }()

  private static let numpyNames: Set<String> = [
    "bool", "bool_", "bytes_", "clongdouble", "complex128", "complex64", "datetime64", "dtype",
    "float16",
    "float32", "float64", "int16", "int32", "int64", "int8", "longdouble", "ndarray", "object_",
    "str_",
    "timedelta64", "uint16", "uint32", "uint64", "uint8", "void",
  ]

  /// Number formats that no weight has, memory layouts, and the class of a tensor.
  private static let torchNames: Set<String> = [
    "Tensor", "bits16", "bits8", "channels_last", "channels_last_3d", "complex128", "complex32",
    "contiguous_format", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu", "preserve_format",
    "qint32",
    "qint8", "quint8", "sparse_coo", "sparse_csr", "strided",
  ]
}
