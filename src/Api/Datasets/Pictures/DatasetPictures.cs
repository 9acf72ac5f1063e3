using Microsoft.Extensions.Options;
using Serve.Api.Detection;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;

namespace Serve.Api.Datasets.Pictures;

/// <summary>A picture to answer: the file itself, or what was made of it.</summary>
/// <param name="Path">The file.</param>
/// <param name="MediaType">Media type of the answer.</param>
/// <param name="Tag">Changes when the answer does.</param>
/// <param name="Width">Width of the answer in pixels; null for the file as it is.</param>
internal sealed record ChosenPicture(string Path, string MediaType, string Tag, int? Width);

/// <summary>The pictures of datasets, as they are or scaled down.</summary>
internal sealed class DatasetPictures(DecodeGate gate, IOptions<ServeOptions> options)
{
    /// <summary>Largest width that is asked for.</summary>
    public const int LargestWidth = 4096;

    private const string Scaled = "image/jpeg";
    private const int Quality = 85;

    /// <summary>What every browser shows as it is.</summary>
    private static readonly string[] Shown = ["image/jpeg", "image/png", "image/webp", "image/gif"];

    /// <summary>Chooses between the file and a smaller picture.</summary>
    /// <exception cref="RequestRefusedException">404: there is no picture, or it is none that is read.</exception>
    public static ChosenPicture Choose(DatasetFolder folder, ImageEntry image, int? width)
    {
        var file = new FileInfo(folder.ImagePath(image));
        if (!file.Exists)
            throw Missing(PictureAddresses.HasPictures(folder)
                ? $"The picture of image {image.Id} (\"{image.FileName}\") of dataset \"{folder.Name}\" is missing."
                : $"Dataset \"{folder.Name}\" has no pictures: it takes detections that were made elsewhere.");
        try
        {
            var type = PictureHeader.ReadMediaType(file.FullName);
            var isSmall = width is null || (Shown.Contains(type) && PictureHeader.ReadSize(file.FullName).Width <= width);
            var scaled = isSmall ? null : width;
            return new(file.FullName, isSmall ? type : Scaled, $"\"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}-{scaled ?? 0}\"", scaled);
        }
        catch (PictureException fault)
        {
            throw Missing($"The file \"{image.FileName}\" of image {image.Id} of dataset \"{folder.Name}\" is no picture that can be shown: {fault.Message}");
        }
    }

    /// <summary>Scales a picture down to a width.</summary>
    /// <exception cref="PictureException">It is damaged, or larger than this server decodes.</exception>
    public async Task<byte[]> ScaleAsync(string path, int width, CancellationToken ct)
    {
        await gate.EnterAsync(ct);
        try
        {
            return await Task.Run(() => Scale(path, width), ct);
        }
        catch (PictureException fault)
        {
            // The name of the picture is known to who asks for it; the folders are not.
            throw new PictureException(fault.Fault, fault.Message.Replace($"{path}: ", "", StringComparison.Ordinal), fault);
        }
        finally
        {
            gate.Leave();
        }
    }

    private byte[] Scale(string path, int width)
    {
        var picture = PictureDecoder.DecodeFile(path, options.Value.PictureLimits);
        if (picture.Width > width)
            picture = PictureScaler.Resize(picture, width, Math.Max(1, (int)Math.Round((double)picture.Height * width / picture.Width)));
        return PictureEncoder.Encode(picture, Scaled, Quality);
    }

    private static RequestRefusedException Missing(string cause) => new(StatusCodes.Status404NotFound, cause);
}
