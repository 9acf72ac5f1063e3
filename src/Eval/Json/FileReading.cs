using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Serve.Eval.Json;

/// <summary>
/// Reads a file in parts, on several threads, with the same result for any number of them. Each part is read from the first record that seems to begin
/// in it, to the first that begins behind it. In the order of the file, the end of one part is compared with the start of the next: where they differ,
/// the guess was wrong, and the part is read once more from where it really begins.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="assembly">Takes what is found.</param>
/// <param name="hash">Takes every byte, where given.</param>
/// <param name="partLength">Length of the parts.</param>
internal sealed class FileReading<TParser>(SafeFileHandle file, DocumentAssembly<TParser> assembly, IncrementalHash? hash, int partLength) : IDisposable
    where TParser : DocumentParser
{
    // The first part only finds out what the others need to know.
    private const int LongestFirstPart = 1 << 16;

    private readonly long length = RandomAccess.GetLength(file);
    private readonly Lock gate = new();
    private DocumentState reached;
    private FilePart<TParser>?[] read = [];
    private readonly Stack<FilePart<TParser>> idle = [];
    private readonly SemaphoreSlim idleCount = new(0);
    private int next;
    private int nextTaken;
    private bool isTaking;
    private volatile bool isStopped;

    private int FirstLength => (int)Math.Min(Math.Min(partLength, LongestFirstPart), length);

    private int PartCount => checked(1 + (int)((length - FirstLength + partLength - 1) / partLength));

    /// <summary>Reads to the end.</summary>
    /// <param name="threads">Most threads.</param>
    /// <param name="ct">Cancels between parts.</param>
    public async Task RunAsync(int threads, CancellationToken ct)
    {
        assembly.Length = length;
        var first = new FilePart<TParser>(file, assembly);
        do
        {
            ct.ThrowIfCancellationRequested();
            Load(first, next++);
            Take(first);
        }
        while (next < PartCount && (!assembly.IsReady || threads <= 1));

        var workers = Math.Min(threads, PartCount - next);
        if (workers == 0)
            return;
        // As many parts are at work as there are threads; two more may wait until one before them is done.
        idle.Push(first);
        for (var i = 1; i < workers + 2; i++)
            idle.Push(new(file, assembly));
        read = new FilePart<TParser>?[idle.Count];
        idleCount.Release(idle.Count);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(ct), ct)));
    }

    /// <inheritdoc/>
    public void Dispose() => idleCount.Dispose();

    private async Task WorkAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await idleCount.WaitAsync(ct);
                if (!TryNext(out var part, out var index))
                    return;
                Load(part, index);
                part.Guess();
                TakeInOrder(part);
            }
        }
        finally
        {
            // With this thread at its end, all parts are at work or done, or one is at fault: nobody has to wait any more.
            isStopped = true;
            idleCount.Release(read.Length);
        }
    }

    private bool TryNext([MaybeNullWhen(false)] out FilePart<TParser> part, out int index)
    {
        lock (gate)
        {
            (part, index) = (null, next);
            if (isStopped || next == PartCount)
                return false;
            next++;
            part = idle.Pop();
            return true;
        }
    }

    private void Load(FilePart<TParser> part, int index)
    {
        long BoundaryOf(int i) => i == 0 ? 0 : Math.Min(length, FirstLength + ((long)(i - 1) * partLength));
        part.Load(index, BoundaryOf(index), BoundaryOf(index + 1), isLast: index == PartCount - 1);
    }

    // Whoever finishes the next part takes it, and then those that are waiting behind it.
    private void TakeInOrder(FilePart<TParser> part)
    {
        lock (gate)
        {
            read[part.Index % read.Length] = part;
            if (isTaking)
                return;
            isTaking = true;
        }
        while (true)
        {
            FilePart<TParser>? taken;
            lock (gate)
            {
                taken = read[nextTaken % read.Length];
                isTaking = taken is not null;
                if (taken is null)
                    return;
                read[nextTaken % read.Length] = null;
            }
            Take(taken);
            lock (gate)
                idle.Push(taken);
            idleCount.Release();
        }
    }

    private void Take(FilePart<TParser> part)
    {
        part.ReadFrom(ref reached);
        hash?.AppendData(part.Bytes);
        assembly.Take(part.Parser, Locate);
        nextTaken++;
    }

    // A fault is told once, so its line is counted only then.
    private (long Line, long Column) Locate(long offset)
    {
        var bytes = new byte[partLength];
        var (line, lineStart) = (1L, 0L);
        for (long at = 0; at < offset;)
        {
            var count = RandomAccess.Read(file, bytes.AsSpan(0, (int)Math.Min(bytes.Length, offset - at)), at);
            if (count == 0)
                break;
            var window = bytes.AsSpan(0, count);
            if (at == 0)
                lineStart = DocumentBuffer.MarkLengthOf(window);
            line += window.Count((byte)'\n');
            var last = window.LastIndexOf((byte)'\n');
            if (last >= 0)
                lineStart = at + last + 1;
            at += count;
        }
        return (line, offset - lineStart + 1);
    }
}
