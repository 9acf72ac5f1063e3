using Microsoft.ML.OnnxRuntime;
using Serve.Eval;

namespace Serve.Serving.Bench;

/// <summary>
/// A model run the plain way: a session, a tensor, and, of the YOLOX line, its outputs read by a loop; those of others are thrown away. Nothing of the server is in it.
/// </summary>
internal sealed class PlainModel : IDisposable
{
    private const float Pad = 114;
    private const float Threshold = 0.3f;
    private const float IouLimit = 0.45f;
    private const int Classes = 80;
    private static readonly int[] Strides = [8, 16, 32];

    private readonly InferenceSession _session;
    private readonly SessionOptions _options;
    private readonly bool _isYolox;

    /// <param name="path">The ONNX file.</param>
    /// <param name="threads">Threads of each run.</param>
    public PlainModel(string path, int threads)
    {
        _options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(path, _options);
        Inputs = [_session.InputNames[0]];
        Outputs = [.. _session.OutputNames];
        var shape = _session.InputMetadata[Inputs[0]].Dimensions;
        if (shape.Length != 4 || shape[1] != 3 || shape[2] <= 0 || shape[3] <= 0)
            throw new InvalidInputException($"{path}: the input is [{string.Join(", ", shape)}], allowed is [1, 3, height, width] of a known size.");
        (Height, Width) = (shape[2], shape[3]);
        _isYolox = Outputs.Length == 1 && _session.OutputMetadata[Outputs[0]].Dimensions is [_, _, 5 + Classes];
    }

    /// <summary>Width of the input, in pixels.</summary>
    public int Width { get; }

    /// <summary>Height of the input, in pixels.</summary>
    public int Height { get; }

    private string[] Inputs { get; }

    private string[] Outputs { get; }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }

    /// <summary>A tensor of grey: float32 [1, 3, height, width].</summary>
    public float[] NewTensor()
    {
        var tensor = new float[3 * Height * Width];
        Array.Fill(tensor, Pad);
        return tensor;
    }

    /// <summary>Runs the model and throws its outputs away.</summary>
    public void Run(float[] tensor)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(tensor, [1, 3, Height, Width]);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, Inputs, [input], Outputs);
    }

    /// <summary>Runs the model and reads its detections.</summary>
    /// <param name="tensor">The picture at the top left of a letterbox, BGR, 0..255.</param>
    /// <param name="ratio">Its scale.</param>
    public List<(int Label, float Score, Box Box)> Detect(float[] tensor, double ratio)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(tensor, [1, 3, Height, Width]);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, Inputs, [input], Outputs);
        return _isYolox ? Read(outputs[0].GetTensorDataAsSpan<float>(), ratio) : [];
    }

    /// <summary>Writes RGB pixels as a letterbox: bilinear, half-pixel centres, rounded to 8 bits, BGR planes.</summary>
    /// <returns>The scale.</returns>
    public double Letterbox(ReadOnlySpan<byte> pixels, int width, int height, float[] tensor)
    {
        var ratio = Math.Min((double)Width / width, (double)Height / height);
        var (w, h) = ((int)(width * ratio), (int)(height * ratio));
        var columns = new (int First, int Second, float Weight)[w];
        for (var x = 0; x < w; x++)
            columns[x] = Tap(x, w, width);
        Array.Fill(tensor, Pad);
        for (var y = 0; y < h; y++)
        {
            var (top, bottom, down) = Tap(y, h, height);
            var above = pixels.Slice(3 * top * width, 3 * width);
            var below = pixels.Slice(3 * bottom * width, 3 * width);
            var blue = tensor.AsSpan(y * Width, w);
            var green = tensor.AsSpan((Height + y) * Width, w);
            var red = tensor.AsSpan((2 * Height + y) * Width, w);
            for (var x = 0; x < w; x++)
            {
                var (left, right, across) = columns[x];
                (left, right) = (3 * left, 3 * right);
                red[x] = Mix(above[left], above[right], below[left], below[right], across, down);
                green[x] = Mix(above[left + 1], above[right + 1], below[left + 1], below[right + 1], across, down);
                blue[x] = Mix(above[left + 2], above[right + 2], below[left + 2], below[right + 2], across, down);
            }
        }

        return ratio;
    }

    private static float Mix(float topLeft, float topRight, float bottomLeft, float bottomRight, float across, float down)
    {
        var (top, bottom) = (topLeft + (topRight - topLeft) * across, bottomLeft + (bottomRight - bottomLeft) * across);
        return (int)(top + (bottom - top) * down + 0.5f);
    }

    private static (int First, int Second, float Weight) Tap(int at, int target, int source)
    {
        var centre = Math.Max(0, (at + 0.5) * source / target - 0.5);
        var first = Math.Min((int)centre, source - 1);
        return (first, Math.Min(first + 1, source - 1), (float)(centre - first));
    }

    private List<(int Label, float Score, Box Box)> Read(ReadOnlySpan<float> rows, double ratio)
    {
        var found = new List<(int Label, float Score, Box Box)>();
        foreach (var stride in Strides)
        {
            var cells = Width / stride;
            for (var cell = 0; cell < cells * cells; cell++, rows = rows[(5 + Classes)..])
            {
                if (rows[4] <= Threshold)
                    continue;
                var label = 0;
                for (var other = 1; other < Classes; other++)
                    label = rows[5 + other] > rows[5 + label] ? other : label;
                var score = rows[4] * rows[5 + label];
                if (score <= Threshold)
                    continue;
                var (x, y) = ((rows[0] + cell % cells) * stride, (rows[1] + cell / cells) * stride);
                var (w, h) = (Math.Exp(rows[2]) * stride, Math.Exp(rows[3]) * stride);
                found.Add((label, score, new Box((x - w / 2) / ratio, (y - h / 2) / ratio, (x + w / 2) / ratio, (y + h / 2) / ratio)));
            }
        }

        found.Sort((left, right) => right.Score.CompareTo(left.Score));
        var kept = new List<(int Label, float Score, Box Box)>();
        foreach (var one in found)
        {
            if (!kept.Exists(other => other.Label == one.Label && Overlap(other.Box, one.Box) > IouLimit))
                kept.Add(one);
        }

        return kept;
    }

    private static double Overlap(Box left, Box right)
    {
        var (w, h) = (Math.Min(left.X2, right.X2) - Math.Max(left.X1, right.X1), Math.Min(left.Y2, right.Y2) - Math.Max(left.Y1, right.Y1));
        if (w <= 0 || h <= 0)
            return 0;
        var both = w * h;
        return both / ((left.X2 - left.X1) * (left.Y2 - left.Y1) + (right.X2 - right.X1) * (right.Y2 - right.Y1) - both);
    }
}
