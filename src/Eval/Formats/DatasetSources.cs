using Serve.Eval.Formats.Coco;
using Serve.Eval.Formats.Manga109;
using Serve.Eval.Formats.Voc;
using Serve.Eval.Formats.Yolo;

namespace Serve.Eval.Formats;

/// <summary>Opens datasets of every format that is read without a library for columnar files.</summary>
public static class DatasetSources
{
    /// <summary>Opens a dataset.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <param name="format">Its format; null to tell it from what is there.</param>
    /// <param name="options">Where pictures are, and how their sizes are read.</param>
    /// <exception cref="InvalidInputException">It is no dataset of that format; the message says what was looked for.</exception>
    public static DatasetSource Open(string path, DatasetFormat? format, SourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Images is { } images && !Directory.Exists(images))
            throw new InvalidInputException($"{images}: there is no such folder of pictures.");
        return (format ?? FormatDetection.Detect(path)) switch
        {
            DatasetFormat.Coco => CocoSource.Open(path, options),
            DatasetFormat.Voc => VocSource.Open(path, options),
            DatasetFormat.Yolo => YoloSource.Open(path, options),
            DatasetFormat.Manga109 => Manga109Source.Open(path, options),
            _ => throw new InvalidInputException($"{path}: Waymo's Parquet files are read by Serve.Inference, which has the library for them."),
        };
    }
}
