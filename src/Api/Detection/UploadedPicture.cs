namespace Serve.Api.Detection;

/// <summary>One picture of a request, still encoded.</summary>
/// <param name="FileName">The name the client gave it, or null.</param>
/// <param name="Encoded">The file's bytes.</param>
internal sealed record UploadedPicture(string? FileName, ReadOnlyMemory<byte> Encoded);
