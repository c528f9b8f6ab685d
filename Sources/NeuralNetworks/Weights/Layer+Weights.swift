import Diagnostics
public import Tensors

extension Layer {
  /// The parameters in the order of a weight file, by PyTorch's keys.
  public var weights: [String: Tensor] {
    Dictionary(uniqueKeysWithValues: parameters.map { ($0.path, $0.parameter.fileValue) })
  }

  /// Takes the parameters from a weight file.
  ///
  /// - Parameters:
  ///   - file: the weights; keys that the network lacks are passed over.
  ///   - prefix: what stands before each of the network's keys in the file.
  ///   - name: the file's name in errors.
  ///   - isOptional: for which of the network's keys the file need have no weights, such as those of a new head.
  /// - Throws: an error naming a missing key, or a key and both shapes where they differ; the network is then as
  ///   it was.
  public mutating func load(
    _ file: Safetensors, prefix: String = "", name: String? = nil, isOptional: (String) -> Bool = { _ in false }
  ) throws(NetworkError) {
    for (path, parameter) in parameters where !isOptional(path) {
      let key = prefix + path
      guard let value = file.tensors[key] else {
        throw NetworkError(
          code: "weights.missing", location: FaultLocation(file: name, path: key),
          message: "the file has no weights \(key) of shape \(parameter.fileShape)",
          remedy: "use weights that were made for this network")
      }
      guard value.shape == parameter.fileShape else {
        throw NetworkError(
          code: "weights.shape", location: FaultLocation(file: name, path: key),
          message: "the file's \(key) has shape \(value.shape), the network's \(parameter.fileShape)",
          remedy: "use weights that were made for this network")
      }
    }
    updateParameters { path, parameter in
      guard let value = file.tensors[prefix + path], value.shape == parameter.fileShape else { return }
      parameter.setFileValue(value)
    }
  }
}
