using Serve.Inference.Pictures;

namespace Serve.Api.Problems;

/// <summary>The statuses of refused pictures.</summary>
internal static class PictureProblem
{
    /// <summary>415 for a format that is not read, 413 for one above the limits, 422 for a damaged one.</summary>
    public static int StatusOf(PictureFault fault) => fault switch
    {
        PictureFault.Unsupported => StatusCodes.Status415UnsupportedMediaType,
        PictureFault.TooLarge => StatusCodes.Status413PayloadTooLarge,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    /// <summary>The refusal of one picture of several: the message names it.</summary>
    /// <param name="fault">Why it was refused.</param>
    /// <param name="index">Its place in the request, from 0.</param>
    /// <param name="count">Number of pictures in the request.</param>
    /// <param name="fileName">Its file name, when the client gave one.</param>
    public static RequestRefusedException Of(PictureException fault, int index, int count, string? fileName)
    {
        var which = (count, fileName) switch
        {
            (1, null) => "",
            (1, _) => $"{fileName}: ",
            (_, null) => $"images[{index}]: ",
            _ => $"images[{index}] ({fileName}): ",
        };
        var refused = new RequestRefusedException(StatusOf(fault.Fault), which + fault.Message).With("index", index).With("fileName", fileName);
        return fault.Fault == PictureFault.Unsupported ? refused.With("supported", PictureDecoder.MediaTypes) : refused;
    }
}
