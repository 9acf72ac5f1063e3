using System.Globalization;

namespace Serve.Eval.Bench.Load;

/// <summary>A large JSON file, written piece by piece with memory for one buffer. It gets its name when it is complete.</summary>
internal sealed class JsonFile : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private const int LongestNumber = 32;

    private readonly string path;
    private readonly FileStream stream;
    private readonly byte[] buffer = new byte[BufferBytes];
    private int used;

    public JsonFile(string path)
    {
        this.path = path;
        stream = new FileStream($"{path}.tmp", FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    /// <summary>Appends text, at most a buffer's length.</summary>
    public JsonFile Add(ReadOnlySpan<byte> text)
    {
        Need(text.Length);
        text.CopyTo(buffer.AsSpan(used));
        used += text.Length;
        return this;
    }

    public JsonFile Add(long number)
    {
        Need(LongestNumber);
        number.TryFormat(buffer.AsSpan(used), out var written, provider: CultureInfo.InvariantCulture);
        used += written;
        return this;
    }

    /// <summary>Appends the shortest text that reads as this number.</summary>
    public JsonFile Add(double number)
    {
        Need(LongestNumber);
        number.TryFormat(buffer.AsSpan(used), out var written, provider: CultureInfo.InvariantCulture);
        used += written;
        return this;
    }

    public JsonFile Add(ReadOnlySpan<double> numbers)
    {
        Add("["u8);
        for (var i = 0; i < numbers.Length; i++)
            (i == 0 ? this : Add(", "u8)).Add(numbers[i]);
        return Add("]"u8);
    }

    /// <summary>Ends the file.</summary>
    public void Complete()
    {
        Flush();
        stream.Dispose();
        File.Move(stream.Name, path, overwrite: true);
    }

    public void Dispose() => stream.Dispose();

    private void Need(int bytes)
    {
        if (used + bytes > buffer.Length)
            Flush();
    }

    private void Flush()
    {
        stream.Write(buffer.AsSpan(0, used));
        used = 0;
    }
}
