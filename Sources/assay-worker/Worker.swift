import ArgumentParser
import Console
import ContentCredentials
import Detectors
import Diagnostics
import Dispatch
import Examiners
import Foundation
import ImageFormats
import Reports
import Scanning
import Services

/// Examines pictures for another program, one process for many of them.
@main
struct Worker: ParsableCommand {
  /// The version of what goes over the pipes.
  static let protocolName = "assay.worker/1"

  static let configuration = CommandConfiguration(
    commandName: "assay-worker",
    abstract: "Examine pictures that another program sends, one process for many of them.",
    discussion: """
      PROTOCOL (\(protocolName))
      The first line on standard output is a JSON object with "protocol", "assay" (the version), "pid", "operations" \
      and "maxBodyBytes".

      Standard input is a sequence of frames: the letters AWF1; the header's length, 4 bytes; the body's length, 8 bytes, \
      both little-endian; the header, a JSON object of at most 65536 bytes; the body. A header holds "id" (a whole number or \
      a text, given back with the answer), "operation", and either "path" (a file to read; "pathBytes" in base 64 where its \
      name is not UTF-8) with an empty body, or "name" (what the body is called). Operations are scan, verify, \
      readWatermark (with "embed": {"key"} for marks under a key) and embedWatermark (with "embed": {"text" or \
      "payload", "scheme", "key" in base 64, "strength", "format", "quality"}).

      Every frame has one line of JSON for its answer, in the order of the frames: {"id", "op", "answer"}, where the answer \
      of scan is a line of assay.scan/1, or {"id", "op", "error": {"code", "message", "remedy"}}. A scan of what cannot be \
      read is an answer. A body that is larger than is taken is passed over and answered with an error. Frames are read one at a \
      time, so that writing more waits.

      What is no frame, and an input that ends within one, is answered with an error of "id" null (where the header came: its \
      id), and ends the program with 1. A picture that takes longer than --time-limit is answered with the error worker.time and ends the program with \(AnswerStream.timeCode). A \
      program that dies leaves exactly the first frame without an answer to blame. The end of the input ends it with 0.
      """,
    version: assayVersion)

  @Option(
    help: ArgumentHelp(
      "Look only at these, separated by commas: provenance, watermark, spectra, detector.", valueName: "kinds"
    ),
    transform: CommaSeparated<ExaminerKind>.parsing)
  var only: CommaSeparated<ExaminerKind>?

  @Option(help: ArgumentHelp("Seconds that one picture may take; 0 for any time.", valueName: "seconds"))
  var timeLimit = 60.0

  @Option(help: ArgumentHelp("Refuse pictures with more pixels.", valueName: "n"))
  var maxPixels = ReadLimits.standard.maxPixels

  @Option(
    help: ArgumentHelp(
      "Anchors of signers, PEM files separated by commas. 'none' trusts nobody. (default: C2PA's list and those of the user's folder)",
      valueName: "pem"))
  var trust: PathList?

  @Option(
    help: ArgumentHelp("Anchors of time-stamp authorities, PEM files separated by commas.", valueName: "pem"))
  var tsaTrust: PathList?

  @Option(
    help: ArgumentHelp(
      "Weights of the detector (default: the shipped ones), and models of others in ONNX, separated by commas.",
      valueName: "files"))
  var detector: PathList?

  func validate() throws {
    guard timeLimit >= 0, timeLimit.isFinite else { throw ValidationError("--time-limit is 0 or more") }
    guard maxPixels >= 1 else { throw ValidationError("--max-pixels must be at least 1") }
  }

  private struct Greeting: Encodable {
    var `protocol` = Worker.protocolName
    var assay = assayVersion
    var pid = ProcessInfo.processInfo.processIdentifier
    var operations = Request.Operation.allCases.map(\.rawValue)
    var maxBodyBytes: Int
  }

  static func main() {
    AddressSpace.refuseTooSmall()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as any DiagnosableError {
      Terminal.report(error)
      exit(withError: ExitCode(1))
    } catch {
      exit(withError: error)
    }
  }

  func run() throws {
    let kinds = Set(only?.values ?? ExaminerKind.allCases)
    var limits = ReadLimits.standard
    limits.maxPixels = maxPixels
    let chosen = try ChosenDetectors(detector?.paths ?? [])
    // What the first picture needs is read while it is on its way.
    if kinds.contains(.detector), chosen.own == nil {
      DispatchQueue.global().async { _ = Detector.installed }
    }
    if kinds.contains(.watermark) { DispatchQueue.global().async { FingerprintExaminer.prepare() } }
    AnswerStream.write(try JSONLine.of(Greeting(maxBodyBytes: limits.maxFileBytes)))
    let settings = try TrustStore().settingsOrNone(
      signers: (trust?.paths ?? []).map(RawArguments.path),
      timeStampers: (tsaTrust?.paths ?? []).map(RawArguments.path))
    let judges = chosen.examiners()
    let examiners =
      ExaminerRegister.scan(kinds, trust: settings, detector: judges.own)
      + (kinds.contains(.detector) ? judges.foreign : [])
    serve(
      Answering(
        scanner: FileScanner(examiners: examiners, limits: limits), trust: settings, limits: limits),
      FrameReader(descriptor: 0, longestBody: limits.maxFileBytes), AnswerStream(seconds: timeLimit))
  }

  private func serve(_ answering: Answering, _ frames: FrameReader, _ answers: AnswerStream) {
    let decoder = JSONDecoder()
    while true {
      let frame: FrameReader.Frame
      do throws(FrameReader.Fault) {
        guard let next = try frames.next() else { return }
        frame = next
      } catch {
        let id = error.header.flatMap { try? decoder.decode(Request.self, from: Data($0)) }?.id
        AnswerStream.fault(id, "worker.frame", error.message, "send whole frames; start the worker anew")
        Self.exit(withError: ExitCode(1))
      }
      let request: Request
      do {
        request = try decoder.decode(Request.self, from: Data(frame.header))
      } catch {
        AnswerStream.fault(
          nil, "worker.header", "the header is no request: \(Self.words(error))",
          "send an object with id, operation, and path or name; see assay-worker --help")
        continue
      }
      answers.begin(request)
      if let excess = frame.excess {
        answers.finish(
          RequestError(
            code: "file.size",
            message: "the picture has \(excess) bytes, the limit is \(answering.limits.maxFileBytes)",
            remedy: "cut the file"))
        continue
      }
      do {
        answers.finish(try answering.answer(request, frame.body))
      } catch let error as any DiagnosableError {
        answers.finish(error)
      } catch {
        answers.finish(
          RequestError(
            code: "worker.internal", message: String(describing: error), remedy: "report this as a bug"))
      }
    }
  }

  private static func words(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has another type"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has a value that is not known"
    default: "it is no JSON"
    }
  }
}
