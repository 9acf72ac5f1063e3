using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;

namespace Serve.Training.Data;

/// <summary>Reads the pictures of a dataset folder.</summary>
internal sealed class PictureFiles(DatasetFolder folder)
{
    // A dataset is the user's own choice, unlike an upload: only what no array can hold is refused.
    private static readonly PictureLimits Limits = new() { MaxBytes = 1L << 30, MaxDimension = 65_535, MaxPixels = 700_000_000 };

    /// <summary>Decodes an image's picture.</summary>
    /// <exception cref="InvalidInputException">The file is missing or broken; the message names it.</exception>
    public Picture Read(ImageEntry image)
    {
        var path = folder.ImagePath(image);
        if (!File.Exists(path)) throw new InvalidInputException($"{path}: the dataset lists this picture (image {image.Id}), but there is no such file.");
        return PictureDecoder.DecodeFile(path, Limits);
    }
}
