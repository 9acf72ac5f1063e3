using Serve.Api.Detection;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Api.OpenInference;

/// <summary>A detector as most clients want it: pictures in, detections out, boxes in pixels of the picture that was sent.</summary>
/// <param name="model">The model.</param>
/// <param name="name">The name it is asked for by.</param>
/// <param name="detection">Decodes and detects.</param>
/// <param name="limits">Most pictures, and largest.</param>
internal sealed class DecodedView(DetectionModel model, string name, PictureDetection detection, ServeOptions limits) : IInferenceView
{
    public const string InputName = "image";

    private const int Channels = 3;
    private const int DefaultMaxDetections = 100;

    private static readonly ViewTensor[] Pictures =
    [
        new(InputName, [new TensorForm(TensorDatatype.Bytes, [-1]), new TensorForm(TensorDatatype.Uint8, [-1, -1, -1, Channels])]),
    ];

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int Version => model.Passport.Version;

    /// <inheritdoc/>
    public IReadOnlyList<ViewTensor> Inputs => Pictures;

    /// <inheritdoc/>
    public IReadOnlyList<ViewTensor> Outputs => DecodedTensors.Tensors;

    /// <inheritdoc/>
    public async Task<InferenceAnswer> InferAsync(InferenceRequest request, IReadOnlyList<string> outputs, CancellationToken ct)
    {
        var input = request.Inputs[0];
        var count = input.Shape[0];
        if (count == 0 || count > limits.MaxFilesPerRequest)
            throw Refusal.Input(InputName, $"{count} pictures; a request has 1 to {limits.MaxFilesPerRequest}.");
        var asked = request.Parameters;
        var options = new DetectionOptions(
            asked.Confidence, asked.MaxDetections ?? DefaultMaxDetections, Iou: asked.Iou, Priority: asked.Priority, Timeout: asked.Timeout);
        var found = input.Datatype == TensorDatatype.Bytes
            ? await EncodedAsync(input, options, ct)
            : await PixelsAsync(input, options, ct);
        return DecodedTensors.Write(found, outputs);
    }

    private async Task<IReadOnlyList<IReadOnlyList<DetectedObject>>> EncodedAsync(RequestInput input, DetectionOptions options, CancellationToken ct)
    {
        try
        {
            using var uploads = new UploadedPictures();
            foreach (var picture in EncodedPictures.Of(input, limits))
                uploads.Add(picture);
            var query = new DetectQuery(options, MaskForm.None, Coco: false, Partial: false, Classes: default);
            var pictures = await detection.DetectAsync(model, uploads, query, keepPixels: false, ct);
            return [.. pictures.Select(picture => picture.Detections)];
        }
        catch (RequestRefusedException refused) when (refused.Status is StatusCodes.Status415UnsupportedMediaType or StatusCodes.Status422UnprocessableEntity)
        {
            // 415 is about the encoding of bodies here.
            throw Refusal.Input(InputName, refused.Message);
        }
    }

    private async Task<IReadOnlyList<IReadOnlyList<DetectedObject>>> PixelsAsync(RequestInput input, DetectionOptions options, CancellationToken ct)
    {
        var (height, width) = (input.Shape[1], input.Shape[2]);
        if (height < 1 || width < 1 || height > limits.MaxDimension || width > limits.MaxDimension || height * width > limits.MaxPixels)
            throw Refusal.Input(InputName,
                $"pictures of {width} x {height} pixels; allowed are sides from 1 to {limits.MaxDimension} and at most {limits.MaxPixels:N0} pixels.");
        var bytes = (int)(height * width) * Channels;
        var results = new Task<DetectionResult>[input.Shape[0]];
        for (var i = 0; i < results.Length; i++)
            results[i] = model.DetectAsync(new Picture((int)width, (int)height, input.Data.Slice(i * bytes, bytes).ToArray()), options, ct);
        return [.. (await Task.WhenAll(results)).Select(result => result.Detections)];
    }
}
