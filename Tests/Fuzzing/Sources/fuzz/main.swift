import Foundation
import LibFuzzer

// fuzz READER [libFuzzer's arguments]; without any, the names of the readers.

guard CommandLine.arguments.count > 1,
  let reader = readers.first(where: { $0.name == CommandLine.arguments[1] })
else {
  for reader in readers { print(reader.name, reader.structure) }
  exit(CommandLine.arguments.count > 1 ? 64 : 0)
}
current = reader

var arguments =
  [CommandLine.unsafeArgv[0]] + (2..<Int(CommandLine.argc)).map { CommandLine.unsafeArgv[$0] } + [nil]
var count = Int32(arguments.count - 1)
arguments.withUnsafeMutableBufferPointer { buffer in
  var list = buffer.baseAddress
  exit(
    LLVMFuzzerRunDriver(&count, &list) { bytes, count in
      current.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
      return 0
    })
}
