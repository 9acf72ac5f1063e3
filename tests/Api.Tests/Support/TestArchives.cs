using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Serve.Api.Tests.Support;

/// <summary>Archives as clients send them.</summary>
internal static class TestArchives
{
    /// <summary>A zip of a folder's files.</summary>
    public static byte[] ZipOf(string folder)
    {
        using var archive = new MemoryStream();
        ZipFile.CreateFromDirectory(folder, archive);
        return archive.ToArray();
    }

    /// <summary>A tar of a folder's files, compressed or not.</summary>
    public static byte[] TarOf(string folder, bool isCompressed)
    {
        using var archive = new MemoryStream();
        TarFile.CreateFromDirectory(folder, archive, includeBaseDirectory: true);
        return isCompressed ? Compressed(archive.ToArray()) : archive.ToArray();
    }

    /// <summary>A zip of texts.</summary>
    public static byte[] Zip(params (string Name, string Text)[] entries) => Zip(entries, _ => 0);

    /// <summary>A zip of texts whose entries have the type and rights of Unix in their attributes.</summary>
    public static byte[] Zip((string Name, string Text)[] entries, Func<string, int> mode)
    {
        using var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                var entry = zip.CreateEntry(name);
                entry.ExternalAttributes = mode(name) << 16;
                using var content = entry.Open();
                content.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return archive.ToArray();
    }

    /// <summary>A tar of entries.</summary>
    public static byte[] Tar(params TarEntry[] entries)
    {
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, leaveOpen: true))
        {
            foreach (var entry in entries)
                tar.WriteEntry(entry);
        }
        return archive.ToArray();
    }

    /// <summary>Bytes as gzip.</summary>
    public static byte[] Compressed(byte[] bytes)
    {
        using var archive = new MemoryStream();
        using (var gzip = new GZipStream(archive, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(bytes);
        return archive.ToArray();
    }
}
