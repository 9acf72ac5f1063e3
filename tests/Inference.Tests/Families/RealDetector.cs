using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Onnx;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Families;

/// <summary>A model from its file to its detections by the shortest way: resolve, resize, run, decode. No batcher.</summary>
internal sealed class RealDetector : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OutputDecoder _decoder;
    private readonly GraphDescription _graph;

    public RealDetector(string path, string name = "model")
    {
        _graph = OnnxFile.Describe(path);
        using var probe = new GraphProbe(path, _graph);
        Resolved = ModelResolver.Resolve(path, _graph, probe, name, 1);
        _decoder = OutputDecoder.Create(Resolved.Passport.Decoding!, Passport.Input, Passport.Categories);
        Assert.Empty(_decoder.Faults(_graph.Outputs));
        OnnxEnvironment.EnsureReady();
        using var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        _session = new InferenceSession(path, settings);
    }

    public ResolvedModel Resolved { get; }

    public Passport Passport => Resolved.Passport;

    public List<DetectedObject> DetectFile(string picture, DetectionOptions? options = null)
        => Detect(PictureDecoder.DecodeFile(picture, TestPictures.Limits, new PictureUse(Passport.Input.ColourManaged)), options);

    public List<DetectedObject> Detect(Picture picture, DetectionOptions? options = null)
    {
        var input = Passport.Input;
        var plan = ResizePlan.For(input, picture.Width, picture.Height);
        var bytes = new byte[InputTensor.ByteLength(input, plan)];
        InputTensor.Write(picture, input, plan, bytes);
        var values = new Dictionary<string, OrtValue> { [input.Name] = PictureValue(bytes, input, plan) };
        foreach (var extra in input.Extra)
            values[extra.Name] = ExtraValueOf(extra, plan);
        try
        {
            using var runOptions = new RunOptions();
            using var outputs = _session.Run(runOptions, [.. values.Keys], [.. values.Values], [.. _decoder.Outputs]);
            var detections = new List<DetectedObject>();
            _decoder.Decode([.. outputs], 0, plan, options ?? new DetectionOptions(), Passport.ScoreThreshold, detections);
            return detections;
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    public void Dispose() => _session.Dispose();

    private static OrtValue PictureValue(byte[] bytes, InputSpec input, in ResizePlan plan)
    {
        long[] shape = input.Layout switch
        {
            TensorLayout.Nchw => [1, 3, plan.InputHeight, plan.InputWidth],
            TensorLayout.Nhwc => [1, plan.InputHeight, plan.InputWidth, 3],
            TensorLayout.Chw => [3, plan.InputHeight, plan.InputWidth],
            _ => [plan.InputHeight, plan.InputWidth, 3],
        };
        return input.Type switch
        {
            PixelType.Float32 => OrtValue.CreateTensorValueFromMemory(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), shape),
            PixelType.Float16 => OrtValue.CreateTensorValueFromMemory(MemoryMarshal.Cast<byte, Float16>(bytes).ToArray(), shape),
            _ => OrtValue.CreateTensorValueFromMemory(bytes, shape),
        };
    }

    private OrtValue ExtraValueOf(ExtraInput extra, in ResizePlan plan)
    {
        double[] row = extra.Value switch
        {
            ExtraValue.InputSize => [plan.InputWidth, plan.InputHeight],
            ExtraValue.OriginalSize => [plan.SourceWidth, plan.SourceHeight],
            ExtraValue.ResizedSize => [plan.Width, plan.Height],
            ExtraValue.ScaleFactor => [(double)plan.Width / plan.SourceWidth, (double)plan.Height / plan.SourceHeight],
            _ => [.. extra.Numbers],
        };
        if (extra.Order == "hw")
            Array.Reverse(row);
        return _graph.Inputs.First(input => input.Name == extra.Name).Type == TensorElementType.Int64
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(row, value => (long)value), [1, row.Length])
            : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(row, value => (float)value), [1, row.Length]);
    }
}
