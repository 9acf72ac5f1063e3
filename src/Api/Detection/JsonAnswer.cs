using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serve.Api.Detection;

/// <summary>Writes a JSON answer straight into the response, with writers that are used again.</summary>
internal static class JsonAnswer
{
    // The client's window: what has gathered beyond it is sent before more is written.
    private const int MostUnsent = 64 << 10;

    // Names and run lengths as they are: an answer is read as JSON, never as part of a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? t_free;

    /// <summary>A writer; <see cref="Return"/> it when the answer is whole.</summary>
    public static Utf8JsonWriter Rent(IBufferWriter<byte> target)
    {
        if (t_free is not { } writer)
            return new Utf8JsonWriter(target, Options);
        t_free = null;
        writer.Reset(target);
        return writer;
    }

    /// <summary>Writes what is left and keeps the writer for the next answer.</summary>
    public static void Return(Utf8JsonWriter writer)
    {
        writer.Flush();
        t_free = writer;
    }

    /// <summary>Sends what has been written when it is much.</summary>
    public static ValueTask<FlushResult> SendSomeAsync(Utf8JsonWriter writer, PipeWriter target, CancellationToken ct)
    {
        if (writer.BytesPending + target.UnflushedBytes < MostUnsent)
            return default;
        writer.Flush();
        return target.FlushAsync(ct);
    }
}
