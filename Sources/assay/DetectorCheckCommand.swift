import ArgumentParser
import Console
import Diagnostics
import ForeignDetectors

struct DetectorCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check whether a detector of others can be used.",
    discussion: """
      MODEL is a network in ONNX. Beside model.onnx stands model.assay.json:

        {"schema": "assay.model/1", "name": "…", "version": "…", "licence": "…", "source": "https://…", "sha256": "…",
         "input": {"name": "pixels", "width": 224, "height": 224, "fit": "crop", "filter": "bicubic",
                   "layout": "NCHW", "channels": "RGB", "scale": 0.00392156862745098,
                   "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
         "output": {"name": "logits", "generated": 1, "activation": "softmax"}}

      A sample s of 0...255 becomes (s · scale − mean) / std. 'fit' is crop (the shorter side to the input's, the middle \
      cut out) or stretch; 'filter' nearest, box, bilinear, bicubic or lanczos3; 'layout' NCHW or NHWC; 'activation' none, \
      sigmoid or softmax. Names of input and output, version and channels may be left out.

      Scores stand in evidence under the model's name and indicate nothing until `assay evaluate FOLDER --detector MODEL \
      -o PREFIX` measured them: PREFIX-NAME.calibration.json, put beside the model as model.calibration.json, tells what they mean, \
      where no --launder narrowed the measurement. \
      A model is fed one picture at a time; the check tells whether a score would depend on other pictures beside it.

      EXAMPLES
        assay detector check model.onnx
        assay scan inbox --detector model.onnx

      ENVIRONMENT
        ASSAY_ONNXRUNTIME   onnxruntime's library or its folder (default: the Python environment's, then the system's)
      """)

  @Argument(help: "The model.")
  var model: String

  @Flag(help: "Print one JSON object.")
  var json = false

  private struct Report: Encodable {
    let schema = "assay.modelCheck/1"
    var model: String
    var sha256: String
    var name: String
    var licence: String
    var source: String
    var onnxruntime: String
    /// `alone`, `independent` or `dependent`.
    var neighbours: String
    var largestDifference: Double?
    var isCalibrated: Bool
    var mayIndicate: Bool
  }

  func run() throws {
    let detector = try ForeignDetector(path: model)
    let version = (try? OnnxLibrary.loaded.get()) ?? "unknown"
    let (word, difference, sentence): (String, Double?, String) =
      switch try detector.neighbours() {
      case .alone: ("alone", nil, "it takes one picture at a time")
      case .independent(let largest):
        ("independent", largest, "a score does not depend on other pictures beside it")
      case .dependent(let largest):
        (
          "dependent", largest,
          "a score depends on other pictures beside it, so that it is fed one picture at a time"
        )
      }
    let description = detector.description
    let calibration = detector.calibration
    guard !json else {
      return Terminal.out(
        try JSONLine.of(
          Report(
            model: model, sha256: detector.sha256, name: description.name, licence: description.licence,
            source: description.source, onnxruntime: version, neighbours: word, largestDifference: difference,
            isCalibrated: calibration != nil, mayIndicate: calibration?.mayIndicate ?? false)))
    }
    let meaning =
      calibration.map { calibration in
        calibration.shortcoming.map { "calibrated, and its scores indicate nothing: \($0)" }
          ?? "calibrated on \(calibration.real) real pictures: scores above all of theirs indicate generation"
      } ?? "not calibrated: scores are shown and indicate nothing"
    Terminal.out(
      TerminalText.escaping("\(description.name), \(description.licence), from \(description.source)")
        + "\n  onnxruntime \(version)\n  \(sentence)\n  \(meaning)\n")
  }
}
