import ImageFormats

/// Where an asset keeps its C2PA stores, and how hard bindings divide it.
package struct AssetLayout: Sendable {
  package var container: Container
  /// Every store found; a valid asset has at most one.
  package var stores: [LocatedStore] = []
  /// Broken container structure on the way to a store.
  package var faults: [MalformedStructure] = []
  /// Whether a directory that may have named a store is not there to its end.
  var lacksDirectory = false
  /// What is known of the file that this one was made from without loss, and which it can be turned back into; nil where there is
  /// none, or none with a store.
  var source: Source?

  /// A file within the file.
  enum Source: Sendable, Hashable {
    /// The stores are its own.
    case signed
    /// Its stores were not looked for, and why.
    case unread(String)
  }

  /// How the file is built; decides placement and box names, not the codec.
  package enum Container: Sendable, Hashable {
    case png, jpeg, riff, gif, tiff, bmff, jxl
    /// Sound behind an ID3 tag; documents. Both may hold whole pictures with stores of their own.
    case id3, pdf
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
    /// Other bytes that say where the store lies or how long it is; a data hash may leave them out too.
    package var references: [Range<Int>] = []
    /// Where it lies, for people, when that is no place where its format keeps a store; nil where it is.
    package var place: String?
  }

  /// Reads chunk and segment headers; a file without a store where it belongs is searched for one elsewhere.
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
    case .id3: ID3Layout.locate(in: file, &self)
    case .pdf: PDFLayout.locate(in: file, &self)
    case .sidecar: stores = [LocatedStore(bytes: file[...], container: 0..<file.count)]
    case .unknown: break
    }
    guard container != .id3, container != .pdf else { return }
    if stores.isEmpty, let found = DisplacedStore.find(in: file, container) { stores = [found] }
  }

  /// The parts of a file that hold no pixels and change none: EXIF, XMP, IPTC, comments.
  ///
  /// Colour profiles are no such part: they change what is seen.
  package func metadata(of file: [UInt8]) -> [NamedBox] {
    switch container {
    case .png: PNGLayout.metadata(of: file)
    case .jpeg: JPEGLayout.metadata(of: file)
    case .riff: RIFFLayout.metadata(of: file)
    case .gif: GIFLayout.metadata(of: file)
    case .tiff: TIFFLayout.metadata(of: file)
    case .bmff: BMFFLayout.metadata(of: file)
    case .jxl: JXLLayout.metadata(of: file)
    case .id3, .pdf, .sidecar, .unknown: []
    }
  }

  /// The named boxes of `c2pa.hash.boxes`, in file order; nil where the format has no such names.
  package func boxes(of file: [UInt8]) -> [NamedBox]? {
    switch container {
    case .png: PNGLayout.boxes(of: file)
    case .jpeg: JPEGLayout.boxes(of: file)
    case .riff: RIFFLayout.boxes(of: file)
    case .gif: GIFLayout.boxes(of: file)
    case .jxl: JXLLayout.boxes(of: file)
    case .tiff, .bmff, .id3, .pdf, .sidecar, .unknown: nil
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
  /// The container of a media type; nil for types whose container is not read.
  init?(mediaType: String) {
    switch mediaType.lowercased() {
    case "image/png": self = .png
    case "image/jpeg", "image/jpg": self = .jpeg
    case "image/webp", "audio/wav", "audio/x-wav", "audio/vnd.wave", "video/avi", "video/x-msvideo":
      self = .riff
    case "image/gif": self = .gif
    case "image/tiff", "image/x-adobe-dng": self = .tiff
    case "image/avif", "image/heic", "image/heif", "video/mp4", "video/quicktime", "audio/mp4": self = .bmff
    case "image/jxl": self = .jxl
    case "audio/mpeg", "audio/mp3", "audio/flac": self = .id3
    case "application/pdf": self = .pdf
    default: return nil
    }
  }

  package init(of file: [UInt8]) {
    let head = file.prefix(12)
    func starts(_ text: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: text.utf8) }

    if head.starts(with: PNGLayout.signature) {
      self = .png
    } else if head.starts(with: [0xFF, 0xD8]) {
      self = .jpeg
    } else if starts("RIFF"), head.count == 12 {
      self = .riff
    } else if starts("GIF87a") || starts("GIF89a") {
      self = .gif
    } else if starts("II*\0") || starts("MM\0*") || starts("II+\0") || starts("MM\0+") {
      self = .tiff
    } else if head.starts(with: JXLLayout.signature) {
      self = .jxl
    } else if starts("ftyp", at: 4) {
      self = .bmff
    } else if starts("ID3") {
      self = .id3
    } else if starts("%PDF-") {
      self = .pdf
    } else if starts("jumb", at: 4) {
      self = .sidecar
    } else {
      self = .unknown
    }
  }
}
