using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Api.Hosting;
using Serve.Api.Wire;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;

namespace Serve.Api.OpenInference;

/// <summary>Makes picture files into the tensor that a graph takes, as its passport says: the clients of OpenVINO Model Server send them so.</summary>
internal static class PictureTensors
{
    /// <summary>Decodes, resizes and normalises pictures.</summary>
    /// <param name="input">The files, one an element.</param>
    /// <param name="request">Owns the tensor's memory.</param>
    /// <param name="spec">How the graph wants its pictures.</param>
    /// <param name="element">The graph's element type.</param>
    /// <param name="limits">Most pictures, and largest.</param>
    /// <exception cref="Problems.RequestRefusedException">400: a picture is refused, or the pictures do not fit into one tensor; 413: one is too large.</exception>
    public static NamedTensor Of(RequestInput input, InferenceRequest request, InputSpec spec, TensorElementType element, ServeOptions limits)
    {
        var files = EncodedPictures.Of(input, limits);
        if (spec.Layout is TensorLayout.Chw or TensorLayout.Hwc && files.Count > 1)
            throw Refusal.Input(input.Name, $"{files.Count} pictures; the graph takes one a run.");
        PooledBytes? tensor = null;
        ResizePlan first = default;
        for (var i = 0; i < files.Count; i++)
        {
            using var rented = Decode(files[i].Encoded, i, input.Name, spec, limits);
            var plan = ResizePlan.For(spec, rented.Picture.Width, rented.Picture.Height);
            var bytes = InputTensor.ByteLength(spec, plan);
            if (tensor is null)
                (tensor, first) = (request.Own(new PooledBytes(checked(bytes * files.Count))), plan);
            else if ((plan.InputWidth, plan.InputHeight) != (first.InputWidth, first.InputHeight))
                throw Refusal.Input(input.Name,
                    $"picture {i} becomes {plan.InputWidth} x {plan.InputHeight}, picture 0 {first.InputWidth} x {first.InputHeight}; one tensor holds one size.");
            InputTensor.Write(rented.Picture, spec, plan, tensor.Take(bytes));
        }
        return new NamedTensor(input.Name, element, Shape(spec, files.Count, first), tensor!.Memory);
    }

    private static RentedPicture Decode(ReadOnlyMemory<byte> encoded, int index, string name, InputSpec spec, ServeOptions limits)
    {
        try
        {
            return PictureDecoder.Rent(encoded, limits.PictureLimits, PictureUse.For(spec));
        }
        catch (PictureException fault) when (fault.Fault != PictureFault.TooLarge)
        {
            throw Refusal.Input(name, $"element {index}: {fault.Message}");
        }
    }

    private static long[] Shape(InputSpec spec, int count, ResizePlan plan) => spec.Layout switch
    {
        TensorLayout.Nchw => [count, 3, plan.InputHeight, plan.InputWidth],
        TensorLayout.Nhwc => [count, plan.InputHeight, plan.InputWidth, 3],
        TensorLayout.Chw => [3, plan.InputHeight, plan.InputWidth],
        _ => [plan.InputHeight, plan.InputWidth, 3],
    };
}
