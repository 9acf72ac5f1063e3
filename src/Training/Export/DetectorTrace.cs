using Serve.Inference.Models;
using Serve.Inference.Preprocessing;
using Serve.Training.Models;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Export;

/// <summary>Runs a detector once on an empty image and records what it does.</summary>
internal static class DetectorTrace
{
    /// <summary>Records <see cref="Detector.Detect"/>; the detector is in evaluation mode meanwhile.</summary>
    public static Tracer Of(Detector detector, InputSpec input, OutputSpec outputs)
    {
        var wasTraining = detector.training;
        detector.eval();
        try
        {
            using var pause = CollectorPause.Begin();
            using var scope = NewDisposeScope();
            using var mode = inference_mode();
            var state = detector.state_dict();
            var tracer = new Tracer(detector.GetName(), state);
            var plan = ResizePlan.For(input, input.Width, input.Height);
            var example = zeros(1, 3, plan.InputHeight, plan.InputWidth, device: state.First().Value.device);

            var images = tracer.Input(input.Name, example, "batch", null, "height", "width");
            var sizes = ValidSizes.NameIn(input) is { } name
                ? tracer.Input(name, tensor(ValidSizes.Of([plan]), [1, 2], device: example.device), "batch", null)
                : null;
            var detections = detector.Detect(new(images, sizes));
            tracer.Output(outputs.Boxes, detections.Boxes, "batch", null, null);
            tracer.Output(outputs.Scores, detections.Scores, "batch", null);
            tracer.Output(outputs.Labels, detections.Labels, "batch", null);
            if (outputs.Masks is not null && detections.Masks is { } masks)
                tracer.Output(outputs.Masks, masks, "batch", null, null, null);
            return tracer;
        }
        finally
        {
            detector.train(wasTraining);
        }
    }
}
