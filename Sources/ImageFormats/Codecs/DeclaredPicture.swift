/// What the container says of its picture, for pictures that no installed codec takes.
struct DeclaredPicture {
  var width: Int?
  var height: Int?
  /// Bits per sample.
  var bitDepth: Int?
  /// How the picture is coded, in words: `VVC (vvc1)`, `JPEG with 12 bits a sample`.
  var coding: String?
  /// Whether the common decoders do not take this coding at all.
  var isUncommon = false
  /// Whether every part that the picture needs lies in the file.
  var isWhole = true

  /// nil when the container says nothing of a picture.
  init?(of file: ImageFile, format: ImageFormat) {
    switch format {
    case .jpeg: self.init(jpeg: file)
    case .tiff: self.init(tiff: file)
    case .avif, .heic: self.init(heif: file)
    case .bmp:
      guard let header = try? BMPHeader(file) else { return nil }
      self.init(width: header.width, height: header.height, bitDepth: 8)
    case .png, .webp, .gif, .jxl: return nil
    }
  }

  private init(width: Int?, height: Int?, bitDepth: Int?, coding: String? = nil, isUncommon: Bool = false) {
    self.width = width
    self.height = height
    self.bitDepth = bitDepth
    self.coding = coding
    self.isUncommon = isUncommon
  }

  /// The frame header tells the process and the precision.
  ///
  /// Source: ITU-T T.81 table B.1; ITU-T T.87 (JPEG-LS).
  private init?(jpeg file: ImageFile) {
    guard let container = try? file.container(),
      let frame = container.segments.first(where: {
        $0.name == "FFF7" || $0.name.hasPrefix("SOF") && $0.payload.count >= 6
      })
    else { return nil }
    let start = frame.payload.lowerBound
    guard let height = file.bytes.u16(start + 1), let width = file.bytes.u16(start + 3) else { return nil }
    let precision = Int(file.bytes[start])
    let process: String? =
      switch frame.name {
      case "SOF3", "SOF11": "lossless JPEG"
      case "SOF5", "SOF6", "SOF7", "SOF13", "SOF14", "SOF15": "hierarchical JPEG"
      case "FFF7": "JPEG-LS"
      default: precision == 8 ? nil : "JPEG with \(precision) bits a sample"
      }
    self.init(
      width: width, height: height, bitDepth: precision, coding: process, isUncommon: process != nil)
  }

  /// Size and depth of the first directory; libtiff names the coding itself.
  private init?(tiff file: ImageFile) {
    guard var reader = TIFFReader(bytes: file.bytes, base: 0, end: file.bytes.count) else { return nil }
    reader.readAll(limits: file.limits)
    func value(_ tag: Int) -> Int? {
      reader.directories.first?.entries.first { $0.tag == tag }.flatMap { reader.integers($0).first }
    }
    guard let width = value(256), let height = value(257) else { return nil }
    self.init(width: width, height: height, bitDepth: value(258))
  }

  private init?(heif file: ImageFile) {
    guard let structure = HEIFStructure(file) else { return nil }
    self.init(
      width: structure.size?.width, height: structure.size?.height, bitDepth: structure.bitDepth,
      coding: structure.coding, isUncommon: structure.isUncommon)
    isWhole = structure.isWhole
  }

  /// The same fault in the words of what is the matter: a picture that is whole and that the installed codec
  /// does not take is not damaged, and fetching it again would not help.
  ///
  /// - Parameter whileDecoding: whether the codec took the header; what then fails is damage, unless the codec
  ///   says that it lacks something.
  static func explaining(
    _ error: ImageFormatError, of file: ImageFile, format: ImageFormat, whileDecoding: Bool
  ) -> ImageFormatError {
    let isRefused = error.code == "\(format.rawValue).unsupported"
    let isFault = ["header", "damaged", "truncated"].contains { error.code == "\(format.rawValue).\($0)" }
    guard isRefused || isFault, let library = CodecVersions.library(of: format) else { return error }
    guard library.version != "not installed" else {
      return file.error(
        error.code, nil, error.message,
        "install \(library.name) (on Debian: \(package(of: library.name))), or \(converting(format))")
    }
    let declared = DeclaredPicture(of: file, format: format)
    if let width = declared?.width, let height = declared?.height {
      let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
      if overflow || pixels > file.limits.maxPixels {
        return file.error(
          "limit.pixels", nil,
          "\(width) × \(height) pixels are declared, the limit is \(file.limits.maxPixels)",
          "reduce the picture first, or raise the limit")
      }
    }
    let words: String
    if let coding = declared?.coding, isRefused || declared?.isUncommon == true {
      words = "coded as \(coding), which"
    } else if isRefused, format == .tiff {
      words = "\(error.message), which"
    } else if let declared, declared.isWhole, !whileDecoding, format == .avif || format == .heic,
      !error.message.contains("limit exceeded")
    {
      words = "built in a way (\(error.message)) that"
    } else if isRefused {
      words = "of a kind (\(error.message)) that"
    } else if isFault, whileDecoding, declared?.isWhole == true, format == .heic || format == .avif {
      // Every part lies in the file: what one decoder refuses, another may show.
      return file.error(
        error.code, error.location.byteRange, error.message,
        "fetch the file again; where another program shows it, \(converting(format))")
    } else {
      return error
    }
    return file.error(
      "\(format.rawValue).unsupported", nil,
      "the picture is \(words) the installed \(library.name) \(library.version) does not decode",
      "\(converting(format)), or install a newer \(library.name)")
  }

  /// The way to a picture that is read, for whoever holds one that is not.
  private static func converting(_ format: ImageFormat) -> String {
    format == .heic
      ? "export it as JPEG or PNG where it opens, such as the phone that took it"
      : "convert the picture to PNG or JPEG"
  }

  private static func package(of library: String) -> String {
    ["libheif": "libheif1", "libjxl": "libjxl0.7"][library] ?? library
  }
}
