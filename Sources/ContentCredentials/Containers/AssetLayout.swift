import ImageFormats

/// Where an asset keeps its C2PA stores, and how hard bindings divide it.
package struct AssetLayout: Sendable {
  package var container: Container
  /// Every store found; a valid asset has at most one.
  package var stores: [LocatedStore] = []
  /// Broken container structure on the way to a store.
  package var faults: [MalformedStructure] = []

  /// How the file is built; decides placement and box names, not the codec.
  package enum Container: Sendable, Hashable {
    case png, jpeg, riff, gif, tiff, bmff, jxl
    /// A store on its own: `application/c2pa`.
    case sidecar
    case unknown
  }

  /// A store and the bytes of the file that carry it.
  package struct LocatedStore: Sendable {
    /// The reassembled store.
    package var bytes: ArraySlice<UInt8>
    /// Everything that a data hash may leave out for the store's sake: chunk headers, checksums, padding.
    package var container: Range<Int>
  }

  /// Reads only what is needed to find stores: chunk and segment headers.
  package init(of file: [UInt8]) {
    container = Container(of: file)
    switch container {
    case .png: PNGLayout.locate(in: file, &self)
    case .jpeg: JPEGLayout.locate(in: file, &self)
    case .riff: RIFFLayout.locate(in: file, &self)
    case .gif: GIFLayout.locate(in: file, &self)
    case .tiff: TIFFLayout.locate(in: file, &self)
    case .bmff: BMFFLayout.locate(in: file, &self)
    case .jxl: JXLLayout.locate(in: file, &self)
    case .sidecar: stores = [LocatedStore(bytes: file[...], container: 0..<file.count)]
    case .unknown: break
    }
  }

  /// The named boxes of `c2pa.hash.boxes`, in file order; nil where the format has no such names.
  package func boxes(of file: [UInt8]) -> [NamedBox]? {
    switch container {
    case .png: PNGLayout.boxes(of: file)
    case .jpeg: JPEGLayout.boxes(of: file)
    case .riff: RIFFLayout.boxes(of: file)
    case .gif: GIFLayout.boxes(of: file)
    case .tiff, .bmff, .jxl, .sidecar, .unknown: nil
    }
  }
}

/// A part of a file under the name that `c2pa.hash.boxes` gives it (C2PA 2.2 §18.7).
package struct NamedBox: Sendable, Hashable {
  package var name: String
  package var range: Range<Int>

  /// The part that carries the store.
  package static let store = "C2PA"
  /// Bytes outside the format's structure; no assertion can name them.
  package static let stray = ""
}

extension AssetLayout.Container {
  package init(of file: [UInt8]) {
    let head = file.prefix(12)
    func starts(_ text: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: text.utf8) }

    if head.starts(with: PNGLayout.signature) {
      self = .png
    } else if head.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if starts("RIFF"), head.count == 12 {
      self = .riff
    } else if starts("GIF87a") || starts("GIF89a") {
      self = .gif
    } else if starts("II*\0") || starts("MM\0*") || starts("II+\0") || starts("MM\0+") {
      self = .tiff
    } else if starts("JXL ", at: 4) {
      self = .jxl
    } else if starts("ftyp", at: 4) {
      self = .bmff
    } else if starts("jumb", at: 4) {
      self = .sidecar
    } else {
      self = .unknown
    }
  }
}
