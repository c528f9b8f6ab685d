import Console
import Diagnostics
import Dispatch
import Foundation
import Reports
import Scanning
import Synchronization

/// Results as the worker writes them.
enum ScanAnswer {
  static func line(_ result: ScanResult) throws -> String { try ScanLines.line(result) }
}

/// Writes answers, and ends the program where one takes too long: a computation cannot be stopped from outside, a process
/// can.
final class AnswerStream: Sendable {
  /// What ends a worker that gave up on a picture; whoever feeds it starts another.
  static let timeCode: Int32 = 3

  private struct Work {
    /// Of the frame under way; each has its own, so that a late alarm never ends another.
    var number = 0
    var isUnderWay = false
    var id: Request.ID?
    var operation: String?
    var name = "-"
  }

  private let work = Mutex(Work())
  private let seconds: Double
  private let queue = DispatchQueue(label: "assay.worker.alarm")

  init(seconds: Double) { self.seconds = seconds }

  private struct Failure: Encodable {
    var code: String
    var message: String
    var remedy: String
  }

  /// Begins a frame.
  func begin(_ request: Request) {
    let number = work.withLock { work in
      work = Work(
        number: work.number + 1, isUnderWay: true, id: request.id, operation: request.operation.rawValue,
        name: request.display)
      return work.number
    }
    guard seconds > 0 else { return }
    queue.asyncAfter(deadline: .now() + seconds) { [self] in
      // Held until the program ends, so that no second answer follows.
      work.withLock { work in
        guard work.isUnderWay, work.number == number else { return }
        Self.write(Self.late(work, seconds))
        exit(Self.timeCode)
      }
    }
  }

  /// Ends it with an answer, a JSON object.
  func finish(_ answer: String) {
    work.withLock { work in
      work.isUnderWay = false
      Self.write("{\"id\":\(Self.json(work.id)),\"op\":\(Self.json(work.operation)),\"answer\":\(answer)}\n")
    }
  }

  /// Ends it with an error.
  func finish(_ error: any DiagnosableError) {
    work.withLock { work in
      work.isUnderWay = false
      Self.write(Self.failure(work.id, work.operation, error))
    }
  }

  /// An error of the stream itself, or of a request whose header cannot be understood.
  static func fault(_ id: Request.ID?, _ code: String, _ message: String, _ remedy: String) {
    write(failure(id, nil, RequestError(code: code, message: message, remedy: remedy)))
  }

  private static func failure(_ id: Request.ID?, _ operation: String?, _ error: any DiagnosableError)
    -> String
  {
    let failure = Failure(code: error.code, message: error.message, remedy: error.remedy)
    return "{\"id\":\(json(id)),\"op\":\(json(operation)),\"error\":\(json(failure))}\n"
  }

  /// A scan that took too long is a result like another, so that a table has its row.
  private static func late(_ work: Work, _ seconds: Double) -> String {
    let error = RequestError(
      code: "worker.time", message: "the picture took longer than \(seconds) seconds",
      remedy: "give more time, or look at it alone")
    guard work.operation == Request.Operation.scan.rawValue else {
      return failure(work.id, work.operation, error)
    }
    let result = ScanResult(file: work.name, outcome: .unreadable, error: ScanResult.Failure(error))
    let line = (try? ScanAnswer.line(result)) ?? "null\n"
    return "{\"id\":\(json(work.id)),\"op\":\"scan\",\"answer\":\(line.dropLast())}\n"
  }

  private static func json(_ value: some Encodable) -> String {
    (try? JSONLine.encoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }

  static func write(_ text: String) { Terminal.out(text) }
}
