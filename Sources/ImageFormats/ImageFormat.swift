/// The file formats that Assay reads.
public enum ImageFormat: String, Sendable, Hashable, Codable, CaseIterable {
  case png, jpeg, webp, gif, tiff, avif, heic
}
