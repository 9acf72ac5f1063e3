using System.Text;
using Serve.Eval;

namespace Serve.Cli.Bench;

/// <summary>Requests made once and sent again and again, each with the same number of picture files.</summary>
internal sealed class PictureRequests
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    private readonly byte[][] _requests;
    private int _next;

    private PictureRequests(byte[][] requests, int pictures, long bytes)
    {
        _requests = requests;
        PicturesPerRequest = pictures;
        Bytes = bytes;
    }

    /// <summary>Pictures in each request.</summary>
    public int PicturesPerRequest { get; }

    /// <summary>Encoded bytes of all pictures together.</summary>
    public long Bytes { get; }

    /// <summary>The next request in turn, for any thread.</summary>
    public ReadOnlyMemory<byte> Next() => _requests[(uint)Interlocked.Increment(ref _next) % (uint)_requests.Length];

    /// <summary>The picture files of a folder and its subfolders, by name.</summary>
    /// <exception cref="InvalidInputException">There is no such folder, or no picture in it.</exception>
    public static IReadOnlyList<string> Files(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InvalidInputException($"--images: there is no folder {folder}.");
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new InvalidInputException($"--images: {folder} holds no picture ({string.Join(", ", Extensions)}).");
    }

    /// <summary>A request a picture, its bytes as the body.</summary>
    public static PictureRequests Single(Uri target, IReadOnlyList<string> files, string? key = null)
    {
        var pictures = files.Select(File.ReadAllBytes).ToArray();
        return new([.. pictures.Select(picture => Request(target, key, "application/octet-stream", picture))], 1, pictures.Sum(picture => (long)picture.Length));
    }

    /// <summary>Requests of several pictures each, as forms; the files are taken in turn, so that each stands in some of them.</summary>
    public static PictureRequests Several(Uri target, IReadOnlyList<string> files, int pictures, string? key = null)
    {
        var requests = files.Select((_, first) => Request(target, key, $"multipart/form-data; boundary={Boundary}",
            Form([.. Enumerable.Range(0, pictures).Select(index => files[(first + index) % files.Count])]))).ToArray();
        return new(requests, pictures, requests.Sum(request => (long)request.Length) / pictures);
    }

    private const string Boundary = "serve-bench-7f3a9c2e51d84b06";

    private static byte[] Form(string[] files)
    {
        using var form = new MemoryStream();
        foreach (var file in files)
        {
            form.Write(Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"picture{Path.GetExtension(file)}\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n"));
            form.Write(File.ReadAllBytes(file));
            form.Write("\r\n"u8);
        }

        form.Write(Encoding.ASCII.GetBytes($"--{Boundary}--\r\n"));
        return form.ToArray();
    }

    private static byte[] Request(Uri target, string? key, string contentType, byte[] body)
    {
        var authorization = key is null ? "" : $"Authorization: Bearer {key}\r\n";
        var head = Encoding.ASCII.GetBytes(
            $"POST {target.PathAndQuery} HTTP/1.1\r\nHost: {target.Authority}\r\n{authorization}Accept: application/json\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. head, .. body];
    }
}
