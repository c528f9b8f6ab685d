import Foundation
import LibFuzzer

// fuzz READER [libFuzzer's arguments]; without any, the names of the readers. libFuzzer starts itself again with its own
// arguments alone: the environment holds the reader's name for that.

let variable = "ASSAY_READER"
let inherited = ProcessInfo.processInfo.environment[variable]
let name = inherited ?? (CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : nil)
guard let name, let reader = readers.first(where: { $0.name == name }) else {
  for reader in readers { print(reader.name, reader.structure, reader.cost) }
  exit(name == nil ? 0 : 64)
}
current = reader
setenv(variable, name, 1)

var arguments =
  [CommandLine.unsafeArgv[0]]
  + ((inherited == nil ? 2 : 1)..<Int(CommandLine.argc)).map { CommandLine.unsafeArgv[$0] } + [nil]
var count = Int32(arguments.count - 1)
arguments.withUnsafeMutableBufferPointer { buffer in
  var list = buffer.baseAddress
  exit(
    LLVMFuzzerRunDriver(&count, &list) { bytes, count in
      current.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
      return 0
    })
}
