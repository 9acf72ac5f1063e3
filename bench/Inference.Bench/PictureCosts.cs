using System.Diagnostics;
using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Bench;

/// <summary>Times the steps between a picture's file and a model's input.</summary>
internal static class PictureCosts
{
    private const double WarmMilliseconds = 700;

    private static readonly PictureLimits Limits = new() { MaxBytes = 256L << 20 };
    private static readonly PictureUse AsStored = new(ColourManaged: false);

    /// <summary>Writes the table.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="folder">Folder of pictures.</param>
    /// <param name="side">Width and height of the model's input.</param>
    /// <param name="rounds">Times that each picture is measured.</param>
    public static void Write(TextWriter output, string folder, int side, int rounds)
    {
        var files = Directory.GetFiles(folder, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        if (files.Count == 0)
            throw new InvalidInputException($"{folder}: there is no JPEG picture (*.jpg) in this folder.");
        var input = new InputSpec { Width = side, Height = side, Resize = ResizeRule.LetterboxTopLeft, PadValue = 114, ColourManaged = false };
        var pictures = files.ConvertAll(file => PictureDecoder.Decode(file, Limits, AsStored));
        output.WriteLine($"{files.Count} pictures of {pictures.Average(picture => picture.Width * picture.Height / 1e6):f2} megapixels and {files.Average(file => file.Length / 1e3):f0} kB on average,");
        output.WriteLine($"one core; of each picture the fastest of {rounds} runs, the mean over the pictures. Plain JPEGs are decoded by {PictureDecoder.JpegLibrary}.");
        output.WriteLine();
        output.WriteLine("| step | milliseconds | bytes allocated |");
        output.WriteLine("|---|--:|--:|");

        Row(output, "decode, libvips", rounds, files, file => PictureDecoder.Decode(file, Limits, AsStored, PixelMemory.New, fast: false));
        Row(output, $"decode, {PictureDecoder.JpegLibrary}", rounds, files, file => PictureDecoder.Decode(file, Limits, AsStored));
        Row(output, "the same into rented memory", rounds, files, file => PictureDecoder.Rent(file, Limits, AsStored).Dispose());
        Row(output, $"the same, shrunk for {side}x{side} (antialias, area)", rounds, files, file => PictureDecoder.Rent(file, Limits, PictureUse.For(input)).Dispose());

        foreach (var filter in Enum.GetValues<ResizeFilter>())
            Row(output, $"to {side}x{side}, {filter}", rounds, pictures, Writing(input with { Filter = filter }));
        Row(output, $"to {side}x{side}, {ResizeFilter.Bilinear}, {TensorLayout.Nhwc}", rounds, pictures, Writing(input with { Filter = ResizeFilter.Bilinear, Layout = TensorLayout.Nhwc }));
        Row(output, $"to {side}x{side}, {ResizeFilter.Bilinear}, {PixelType.Float16}", rounds, pictures, Writing(input with { Filter = ResizeFilter.Bilinear, Type = PixelType.Float16 }));
        var shrunk = files.ConvertAll(file => PictureDecoder.Decode(file, Limits, PictureUse.For(input)));
        Row(output, $"to {side}x{side}, {ResizeFilter.Antialias}, shrunk when decoded", rounds, shrunk, Writing(input));
    }

    private static Action<Picture> Writing(InputSpec input)
    {
        var target = new byte[3 * input.Width * input.Height * InputTensor.SizeOf(input.Type)];
        return picture => InputTensor.Write(picture, input, ResizePlan.For(input, picture.OriginalWidth, picture.OriginalHeight), target);
    }

    private static void Row<T>(TextWriter output, string step, int rounds, IReadOnlyList<T> items, Action<T> work)
    {
        // The runtime compiles for good what it saw used for a while, beside the work.
        var warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm).TotalMilliseconds < WarmMilliseconds)
        {
            foreach (var item in items)
                work(item);
        }

        var fastest = Enumerable.Repeat(double.MaxValue, items.Count).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < items.Count; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                work(items[i]);
                fastest[i] = Math.Min(fastest[i], Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        }

        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / rounds / items.Count;
        output.WriteLine($"| {step} | {fastest.Average():f3} | {allocated:n0} |");
    }
}
