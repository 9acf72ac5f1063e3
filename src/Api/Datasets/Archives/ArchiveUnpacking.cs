using System.Formats.Tar;
using System.IO.Compression;
using Serve.Api.Problems;

namespace Serve.Api.Datasets.Archives;

/// <summary>
/// Unpacks a zip, tar or tar.gz of somebody unknown: only plain files, only below the folder, never more files or bytes than allowed, and never many times what arrived.
/// </summary>
/// <param name="folder">Where to; is there and empty.</param>
/// <param name="maxBytes">Most bytes of all files together.</param>
/// <param name="maxFiles">Most files.</param>
internal sealed class ArchiveUnpacking(string folder, long maxBytes, int maxFiles)
{
    private const int MostProblems = 1000;
    private const int TarMagicAt = 257;

    // Text of annotations becomes 10 to 40 times as long; below the free bytes a ratio says nothing.
    private const long MostRatio = 200;
    private const long FreeBytes = 64L << 20;

    private const int UnixTypeShift = 16, UnixType = 0xF000, UnixFolder = 0x4000, UnixFile = 0x8000, UnixLink = 0xA000;

    private readonly List<DatasetProblem> _problems = [];
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private long _problemCount;
    private long _archiveBytes;
    private long _bytes;

    /// <summary>Unpacks an archive; which kind it is is told from its bytes.</summary>
    /// <exception cref="RequestRefusedException">400 with all entries that are refused, or it is damaged; 413: it holds too much; 415: it is no such archive.</exception>
    public async Task UnpackAsync(string archive, CancellationToken ct)
    {
        await using var file = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.Asynchronous);
        _archiveBytes = file.Length;
        var head = new byte[TarMagicAt + 5];
        var read = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct);
        file.Position = 0;
        try
        {
            switch (head.AsSpan(0, read))
            {
                case [(byte)'P', (byte)'K', 3 or 5, 4 or 6, ..]:
                    await UnpackZipAsync(file, ct);
                    break;
                case [0x1F, 0x8B, ..]:
                    await using (var plain = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true))
                        await UnpackTarAsync(plain, ct);
                    break;
                case var start when start.Length == head.Length && start[TarMagicAt..].SequenceEqual("ustar"u8):
                    await UnpackTarAsync(file, ct);
                    break;
                default:
                    throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType,
                        "The body is no zip, tar or tar.gz. Send the archive itself, not a form: curl -T dataset.zip …/v1/datasets/NAME.").With("supported", Supported);
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw Refused($"The archive is damaged: {fault.Message}");
        }
        if (_problemCount > 0)
            throw DatasetRegistration.Refused("archive", _problems, _problemCount);
        if (_files.Count == 0)
            throw Refused("The archive holds no files.");
    }

    /// <summary>The refusal of a body or of files that are too large or too many.</summary>
    public static RequestRefusedException TooLarge(string cause) => new(StatusCodes.Status413PayloadTooLarge, cause);

    private static readonly string[] Supported = ["application/zip", "application/x-tar", "application/gzip"];

    private async Task UnpackZipAsync(Stream file, CancellationToken ct)
    {
        if (await ZipDirectory.CountAsync(file, MostEntries, ct) > MostEntries)
            throw TooManyFiles();
        file.Position = 0;
        await using var zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, ct);
        foreach (var entry in zip.Entries)
        {
            var kind = (entry.ExternalAttributes >> UnixTypeShift) & UnixType;
            var refusal = entry.IsEncrypted ? "is encrypted" : kind is UnixLink ? "is a link; archives may hold files only" : kind is not (0 or UnixFile or UnixFolder) ? "is no file" : null;
            if (PathOf(entry.FullName, refusal) is not { } path)
                continue;
            await using var content = await entry.OpenAsync(ct);
            await WriteAsync(content, path, entry.FullName, ct);
        }
    }

    private async Task UnpackTarAsync(Stream file, CancellationToken ct)
    {
        await using var tar = new TarReader(file, leaveOpen: true);
        var entries = 0;
        while (await tar.GetNextEntryAsync(copyData: false, ct) is { } entry)
        {
            if (++entries > MostEntries)
                throw TooManyFiles();
            if (entry.EntryType is TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes)
                continue;
            var refusal = entry.EntryType switch
            {
                TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => null,
                TarEntryType.SymbolicLink or TarEntryType.HardLink => "is a link; archives may hold files only",
                _ => "is no file",
            };
            if (PathOf(entry.Name, refusal) is { } path)
                await WriteAsync(entry.DataStream ?? Stream.Null, path, entry.Name, ct);
        }
    }

    /// <summary>Where an entry is written to; null when it is not, which is noted unless that is as it should be.</summary>
    private string? PathOf(string name, string? refusal)
    {
        if ((refusal ?? EntryName.FaultOf(name, out _)) is { } fault)
        {
            Note(name, fault);
            return null;
        }
        EntryName.FaultOf(name, out var path);
        return path;
    }

    private void Note(string name, string fault)
    {
        if (++_problemCount <= MostProblems)
            _problems.Add(new DatasetProblem("archive-entry", Shortened(name), "", "", fault));
    }

    private async Task WriteAsync(Stream content, string path, string name, CancellationToken ct)
    {
        if (!TryTake(path))
            Note(name, "is there twice, or as a file and as a folder");
        if (_files.Count > maxFiles)
            throw TooManyFiles();
        // Once an entry is refused the others are only looked at.
        if (_problemCount > 0)
            return;
        var target = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await using var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        var buffer = new byte[1 << 16];
        for (int read; (read = await content.ReadAsync(buffer, ct)) > 0;)
        {
            _bytes += read;
            if (_bytes > maxBytes)
                throw TooLarge($"The archive holds more than {maxBytes:N0} bytes, which is the limit (Serve:MaxDatasetBytes).");
            if (_bytes > FreeBytes && _bytes / MostRatio > _archiveBytes)
                throw TooLarge($"The archive has {_archiveBytes:N0} bytes and unpacks to more than {MostRatio} times as many; no dataset does.");
            await file.WriteAsync(buffer.AsMemory(0, read), ct);
        }
    }

    private bool TryTake(string path)
    {
        if (!_files.Add(path) || _folders.Contains(path))
            return false;
        for (var parent = Path.GetDirectoryName(path); !string.IsNullOrEmpty(parent); parent = Path.GetDirectoryName(parent))
        {
            if (_files.Contains(parent))
                return false;
            _folders.Add(parent);
        }
        return true;
    }

    // Folders are entries, too.
    private int MostEntries => (int)Math.Min(2L * maxFiles, int.MaxValue - 1);

    private RequestRefusedException TooManyFiles() => TooLarge($"The archive holds more than {maxFiles:N0} files, which is the limit (Serve:MaxDatasetFiles).");

    private static string Shortened(string name) => name.Length <= 200 ? name : name[..200] + "…";

    private static RequestRefusedException Refused(string cause) => new(StatusCodes.Status400BadRequest, cause);
}
