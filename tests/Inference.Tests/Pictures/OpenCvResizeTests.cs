using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

/// <summary>The filters that bear OpenCV's names, held to its own results.</summary>
public sealed class OpenCvResizeTests
{
    // How far the 8-bit results may lie apart: models with 8-bit weights react to a single unit, and bilinear is what most of them were fed with.
    public static TheoryData<ResizeFilter, int> Filters { get; } = new() { { ResizeFilter.Bilinear, 0 }, { ResizeFilter.Nearest, 0 }, { ResizeFilter.Area, 1 }, { ResizeFilter.Bicubic, 1 } };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Pixels_equal_those_of_opencv(ResizeFilter filter, int tolerance)
    {
        var cases = File.ReadLines(Path.Combine(TestFiles.Root, "tests/Inference.Tests/Pictures/golden/opencv-resize.txt"))
            .Where(line => line.StartsWith(filter.ToString(), StringComparison.OrdinalIgnoreCase))
            .Select(line => line.Split(' '))
            .ToList();

        Assert.NotEmpty(cases);
        foreach (var parts in cases)
        {
            var (width, height) = (int.Parse(parts[3]), int.Parse(parts[4]));
            var expected = new Picture(width, height, Convert.FromBase64String(parts[5]));

            var resized = PictureScaler.Resize(MadeUp(int.Parse(parts[1]), int.Parse(parts[2])), width, height, filter);

            var difference = TestPictures.Difference(expected, resized).Largest;
            Assert.True(difference <= tolerance, $"{string.Join(' ', parts[..5])}: {difference} apart");
        }
    }

    private static Picture MadeUp(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        var state = (uint)(1000 * width + height);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((state = unchecked(state * 1664525 + 1013904223)) >> 24);
        return new Picture(width, height, pixels);
    }
}
