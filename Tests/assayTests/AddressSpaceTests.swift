import Foundation
import TestSupport
import Testing

struct AddressSpaceTests {
  /// Without room for a thread, or for what OpenBLAS maps, whoever waits for it would wait without end: `timeout` would end it
  /// with 124. With room for both the whole scan has an answer.
  @Test func `a program that may map little ends, and says so where it can`() throws {
    var told = 0
    for mebibytes in Array(stride(from: 64, through: 320, by: 32)) + [600, 900, 1600] {
      let outcome = try CommandLineTool.run(
        [
          "sh", "-c", "ulimit -v $0 && exec timeout 60 $1 scan $2", "\(mebibytes << 10)",
          CommandLineTool.program.path, TestPaths.fixtures.appending(path: "gallery/webui.png").path,
        ], program: URL(filePath: "/usr/bin/env"))
      #expect(outcome.status != 124, "\(mebibytes) MiB")
      if outcome.errors.contains("too little for its threads and computations") {
        #expect(outcome.status == 1 && outcome.errors.contains("fix: "))
        told += 1
      }
    }
    #expect(told > 0)
  }
}
