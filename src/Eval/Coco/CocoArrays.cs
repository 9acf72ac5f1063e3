using System.Buffers;
using System.Buffers.Binary;
using Serve.Eval.Json;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>Writes curves as plain numbers, to be compared with those of another evaluator.</summary>
public static class CocoArrays
{
    private const int BlockLength = 8192;

    /// <summary>
    /// Writes precision [T, R, K, A, M], recall [T, K, A, M] and scores [T, R, K, A, M], one after another, each row-major, as
    /// little-endian float64 without a header.
    /// </summary>
    public static Task WriteAsync(string path, PrecisionRecall curves, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(curves);
        return OutputFile.WriteAsync(path, stream => WriteAsync(stream, curves, ct), ct);
    }

    /// <summary>Writes the same to a stream, which is not closed.</summary>
    public static async Task WriteAsync(Stream stream, PrecisionRecall curves, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(curves);
        var block = ArrayPool<byte>.Shared.Rent(BlockLength * sizeof(double));
        foreach (var values in (double[][])[curves.Precision, curves.Recall, curves.Scores])
        {
            for (var from = 0; from < values.Length; from += BlockLength)
            {
                var count = Math.Min(BlockLength, values.Length - from);
                for (var i = 0; i < count; i++)
                    BinaryPrimitives.WriteDoubleLittleEndian(block.AsSpan(i * sizeof(double)), values[from + i]);
                await stream.WriteAsync(block.AsMemory(0, count * sizeof(double)), ct);
            }
        }
        ArrayPool<byte>.Shared.Return(block);
    }
}
