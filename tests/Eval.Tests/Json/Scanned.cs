using System.Text;
using Serve.Eval.Json;

namespace Serve.Eval.Tests.Json;

/// <summary>A text as the scanner gets it: at a fixed address, with zeros behind it. One at a time on a thread.</summary>
internal sealed unsafe class Scanned
{
    // Memory at a fixed address is dear, and there are millions of texts.
    [ThreadStatic]
    private static DocumentBuffer? shared;

    private readonly DocumentBuffer buffer = shared ??= new();

    public Scanned(string text)
        : this(Encoding.UTF8.GetBytes(text))
    {
    }

    public Scanned(byte[] bytes)
    {
        buffer.Clear(0, bytes.Length);
        bytes.CopyTo(buffer.Room);
        buffer.Add(bytes.Length, isFinal: true);
    }

    public delegate byte* Step(byte* start);

    /// <summary>How far a step gets; -1 where it does not.</summary>
    public int Run(Step step)
    {
        var next = step(buffer.Start);
        return next == null ? -1 : (int)(next - buffer.Start);
    }
}
