using Serve.Eval;
using Serve.Eval.Formats;
using Serve.Inference.Pictures;

namespace Serve.Inference.Datasets;

/// <summary>Opens datasets of every format, Waymo's Parquet among them, with picture sizes read from the pictures.</summary>
public static class DatasetOpening
{
    /// <summary>Opens a dataset.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <param name="format">Its format; null to tell it from what is there.</param>
    /// <param name="images">Folder of the pictures; null for where the format has them.</param>
    /// <param name="frames">Which frames of Waymo's segments are read.</param>
    /// <param name="within">Folder outside of which nothing is read, whatever a file of the dataset names; null where its files are trusted.</param>
    /// <exception cref="InvalidInputException">It is no dataset of that format; the message says what was looked for.</exception>
    public static DatasetSource Open(string path, DatasetFormat? format, string? images, WaymoFrames frames, string? within = null)
        => (format ?? FormatDetection.Detect(path)) is var found && found is DatasetFormat.Waymo
            ? WaymoSource.Open(path, frames)
            : DatasetSources.Open(path, found, new SourceOptions { PictureSize = PictureHeader.ReadSize, Images = images, Within = within });
}
