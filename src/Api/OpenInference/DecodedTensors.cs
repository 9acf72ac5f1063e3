using System.Runtime.InteropServices;
using Serve.Api.Wire;
using Serve.Inference.Detection;

namespace Serve.Api.OpenInference;

/// <summary>Detections of several pictures as tensors: as many rows a picture as the one with the most has, the rest of the others filled up.</summary>
internal static class DecodedTensors
{
    public const string Count = "num_detections";
    public const string Boxes = "boxes";
    public const string Scores = "scores";
    public const string ClassIds = "class_ids";

    /// <summary>The class of rows that hold no detection; their boxes and scores are 0.</summary>
    private const long NoClass = -1;

    /// <summary>The tensors, N pictures with K rows each.</summary>
    public static IReadOnlyList<ViewTensor> Tensors { get; } =
    [
        new(Count, TensorDatatype.Int32, -1),
        new(Boxes, TensorDatatype.Fp32, -1, -1, 4),
        new(Scores, TensorDatatype.Fp32, -1, -1),
        new(ClassIds, TensorDatatype.Int64, -1, -1),
    ];

    /// <summary>Writes the tensors that are asked for, in that order.</summary>
    public static InferenceAnswer Write(IReadOnlyList<IReadOnlyList<DetectedObject>> pictures, IReadOnlyList<string> outputs)
    {
        var (n, k) = (pictures.Count, pictures.Max(found => found.Count));
        var memory = new PooledBytes(n * (sizeof(int) + (k * ((5 * sizeof(float)) + sizeof(long)))));
        var tensors = new OutputTensor[outputs.Count];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = outputs[i] switch
            {
                Count => Tensor(Count, TensorDatatype.Int32, [n], Counts(memory, pictures)),
                Boxes => Tensor(Boxes, TensorDatatype.Fp32, [n, k, 4], BoxesOf(memory, pictures, k)),
                Scores => Tensor(Scores, TensorDatatype.Fp32, [n, k], ScoresOf(memory, pictures, k)),
                _ => Tensor(ClassIds, TensorDatatype.Int64, [n, k], ClassesOf(memory, pictures, k)),
            };
        return new InferenceAnswer(tensors, memory);
    }

    private static OutputTensor Tensor(string name, TensorDatatype type, long[] shape, Memory<byte> data) => new(name, type, shape, data);

    private static Memory<byte> Counts(PooledBytes memory, IReadOnlyList<IReadOnlyList<DetectedObject>> pictures)
    {
        var data = Room<int>(memory, pictures.Count, out var counts);
        for (var i = 0; i < counts.Length; i++)
            counts[i] = pictures[i].Count;
        return data;
    }

    private static Memory<byte> BoxesOf(PooledBytes memory, IReadOnlyList<IReadOnlyList<DetectedObject>> pictures, int rows)
    {
        var data = Room<float>(memory, pictures.Count * rows * 4, out var boxes);
        boxes.Clear();
        for (var i = 0; i < pictures.Count; i++)
            for (var j = 0; j < pictures[i].Count; j++)
            {
                var box = pictures[i][j].Box;
                var row = boxes.Slice(((i * rows) + j) * 4, 4);
                (row[0], row[1], row[2], row[3]) = ((float)box.X1, (float)box.Y1, (float)box.X2, (float)box.Y2);
            }
        return data;
    }

    private static Memory<byte> ScoresOf(PooledBytes memory, IReadOnlyList<IReadOnlyList<DetectedObject>> pictures, int rows)
    {
        var data = Room<float>(memory, pictures.Count * rows, out var scores);
        scores.Clear();
        for (var i = 0; i < pictures.Count; i++)
            for (var j = 0; j < pictures[i].Count; j++)
                scores[(i * rows) + j] = pictures[i][j].Score;
        return data;
    }

    private static Memory<byte> ClassesOf(PooledBytes memory, IReadOnlyList<IReadOnlyList<DetectedObject>> pictures, int rows)
    {
        var data = Room<long>(memory, pictures.Count * rows, out var classes);
        classes.Fill(NoClass);
        for (var i = 0; i < pictures.Count; i++)
            for (var j = 0; j < pictures[i].Count; j++)
                classes[(i * rows) + j] = pictures[i][j].Category.Id;
        return data;
    }

    private static Memory<byte> Room<T>(PooledBytes memory, int count, out Span<T> values) where T : unmanaged
    {
        var start = memory.Length;
        values = MemoryMarshal.Cast<byte, T>(memory.Take(count * Marshal.SizeOf<T>()));
        return memory.Memory[start..];
    }
}
