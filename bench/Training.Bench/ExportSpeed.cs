using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;
using Serve.Training.Export;
using Serve.Training.Recipes;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Bench;

/// <summary>Compares the exported file in ONNX Runtime with the network in TorchSharp, end to end, on one image of noise and as many threads.</summary>
internal static class ExportSpeed
{
    private const int WarmUp = 3;

    /// <summary>Writes a row: recipe, image, milliseconds in TorchSharp, in ONNX Runtime, and their ratio.</summary>
    public static void Write(TextWriter output, Recipe recipe, int rounds)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var detector = recipe.CreateDetector();
        detector.eval();
        var input = recipe.ToInputSpec();
        var plan = ResizePlan.For(input, input.Width, input.Height);
        var image = rand(1, 3, plan.InputHeight, plan.InputWidth, generator: new Generator(1)) * 255;
        var sizes = tensor(ValidSizes.Of([plan]), [1, 2]);
        var own = Median(rounds, () => detector.Detect(new(new TracedTensor(image), ValidSizes.NameIn(input) is null ? null : new TracedTensor(sizes))));

        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "model.onnx");
            OnnxExporter.Write(detector, new Passport { Name = recipe.Name, Version = 1, Input = input, Outputs = recipe.ToOutputSpec(), Categories = [] }, path);
            using var options = new SessionOptions { IntraOpNumThreads = get_num_threads() };
            using var session = new InferenceSession(path, options);
            using var run = new RunOptions();
            using var pixels = OrtValue.CreateTensorValueFromMemory(image.data<float>().ToArray(), image.shape);
            using var valid = OrtValue.CreateTensorValueFromMemory(sizes.data<float>().ToArray(), sizes.shape);
            OrtValue[] values = [pixels, valid];
            var exported = Median(rounds, () =>
            {
                using var results = session.Run(run, session.InputNames, values[..session.InputNames.Count], session.OutputNames);
            });
            output.WriteLine(FormattableString.Invariant($"| {recipe.Name} | {recipe.TestResolution} | {own:0} | {exported:0} | {own / exported:0.00} |"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Median(int rounds, Action run)
    {
        var milliseconds = new List<double>();
        for (var i = -WarmUp; i < rounds; i++)
        {
            using var scope = NewDisposeScope();
            var start = Stopwatch.GetTimestamp();
            run();
            if (i >= 0)
                milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return milliseconds.Order().ElementAt(rounds / 2);
    }
}
