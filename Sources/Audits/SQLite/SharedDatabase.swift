import Foundation
import GRDB

/// What a database file asks for that several processes may use at once.
enum SharedDatabase {
  /// Seconds after which another process is said to hold the file.
  private static let patience = 30

  /// Statements wait for the locks of others.
  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(Double(patience))
    return configuration
  }

  /// Does again what SQLite refused since another process was at the file.
  ///
  /// SQLite waits as long as it was told for a lock, but not in places where two could wait for each other, and not for what
  /// the other does on the side: when several make one file, when a journal is rolled back, when a checkpoint meets another's.
  /// There it refuses at once.
  ///
  /// - Parameter body: something that is done wholly or not at all: an opening, a transaction, a checkpoint.
  static func patiently<Value>(_ body: () throws -> Value) throws -> Value {
    let end = ContinuousClock.now + .seconds(patience)
    while true {
      do {
        return try body()
      } catch let error as DatabaseError
        where [.SQLITE_BUSY, .SQLITE_PROTOCOL].contains(error.resultCode) && ContinuousClock.now < end
      {
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
  }
}
