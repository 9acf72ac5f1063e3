using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Formats.Conversion;
using Serve.Inference.Datasets;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Datasets;

public class WaymoSourceTests
{
    private const long Start = 1_552_440_195_362_591;

    [Fact]
    public async Task Every_tenth_frame_of_all_five_cameras_becomes_images_with_boxes()
    {
        using var folder = TestFiles.NewFolder();
        await WriteSegmentAsync(folder, "validation", "b", frames: 21);
        await WriteSegmentAsync(folder, "validation", "a", frames: 1);

        var source = WaymoSource.Open(folder.Path, WaymoFrames.F0);
        var (name, dataset, pictures, _) = await source.ReadAsync("validation", null, TestContext.Current.CancellationToken);

        Assert.Equal(["validation"], source.Splits);
        Assert.Equal("validation", name);
        Assert.Equal(5 + 15, dataset.Images.Count);
        Assert.Equal(new ImageEntry(0, "validation_00000_00000_camera1.jpg", 48, 32), dataset.Images[0]);
        Assert.Equal(new ImageEntry(4, "validation_00000_00000_camera5.jpg", 48, 22), dataset.Images[4]);
        Assert.Equal(new ImageEntry(10, "validation_00001_00010_camera1.jpg", 48, 32), dataset.Images[10]);
        Assert.Equal(new ImageEntry(19, "validation_00001_00020_camera5.jpg", 48, 22), dataset.Images[19]);
        Assert.Equal([new Category(1, "vehicle"), new Category(2, "pedestrian"), new Category(3, "cyclist")], dataset.Categories);
        // One vehicle on the front camera and a cyclist on the last one, in each frame: centre and size become left, top and size.
        Assert.Equal(2 + 6, dataset.GroundTruths.Count);
        Assert.Equal(new GroundTruth(1, 0, 1, 5, 8, 10, 4, 40, false), dataset.GroundTruths[0]);
        Assert.Equal(new GroundTruth(2, 4, 3, 0.166667, 0.333333, 0.666667, 0.333333, 0.222222, false), dataset.GroundTruths[1]);
        Assert.Equal([0L, 4, 5, 9, 10, 14, 15, 19], dataset.GroundTruths.Select(found => found.ImageId));
        Assert.False(pictures.AreFiles);
    }

    [Theory]
    [InlineData("f1", "00001")]
    [InlineData("f3", "00003")]
    public async Task Other_digits_take_other_frames(string frames, string first)
    {
        using var folder = TestFiles.NewFolder();
        await WriteSegmentAsync(folder, "training", "a", frames: 5);

        var split = await WaymoSource.Open(folder.File("training"), WaymoFrames.Parse(frames)).ReadAsync("training", null, TestContext.Current.CancellationToken);
        var all = await WaymoSource.Open(folder.Path, WaymoFrames.Parse("all")).ReadAsync("training", null, TestContext.Current.CancellationToken);

        Assert.Equal(5, split.Dataset.Images.Count);
        Assert.Equal($"training_00000_{first}_camera1.jpg", split.Dataset.Images[0].FileName);
        Assert.Equal(25, all.Dataset.Images.Count);
        Assert.Equal(10, all.Dataset.GroundTruths.Count);
    }

    [Fact]
    public async Task Sizes_come_from_the_calibration_where_it_is_there()
    {
        using var folder = TestFiles.NewFolder();
        await WriteSegmentAsync(folder, "validation", "a", frames: 1);
        await WaymoFiles.WriteCalibrationAsync(folder.File("validation/camera_calibration/a.parquet"), [(1, 1920, 1280), (2, 1920, 1280), (3, 1920, 1280), (4, 1920, 886), (5, 1920, 886)]);

        var split = await WaymoSource.Open(folder.Path, WaymoFrames.F0).ReadAsync("validation", null, TestContext.Current.CancellationToken);

        Assert.Equal([1280, 1280, 1280, 886, 886], split.Dataset.Images.Select(image => image.Height));
    }

    [Fact]
    public async Task Pictures_are_taken_out_of_the_files_when_it_is_converted()
    {
        using var folder = TestFiles.NewFolder();
        await WriteSegmentAsync(folder, "validation", "a", frames: 11);
        var split = await DatasetOpening.Open(folder.Path, null, null, WaymoFrames.F0).ReadAsync("validation", null, TestContext.Current.CancellationToken);

        await DatasetConversion.WriteAsync(folder.File("new"), [split], new ConversionOptions { Pictures = PictureTransfer.Link }, null, TestContext.Current.CancellationToken);
        var after = await DatasetOpening.Open(folder.File("new"), null, null, WaymoFrames.F0).ReadAsync("validation", null, TestContext.Current.CancellationToken);

        Assert.Equal(split.Dataset.GroundTruths, after.Dataset.GroundTruths);
        Assert.Equal(10, Directory.GetFiles(folder.File("new/images")).Length);
        Assert.All(after.Dataset.Images, image => Assert.Equal((image.Width, image.Height), PictureHeader.ReadSize(after.Pictures.PathOf(image)!)));
    }

    [Theory]
    [InlineData(3, "row 3: \"type\" is 3 (sign); allowed are 1 (vehicle), 2 (pedestrian) and 4 (cyclist).")]
    [InlineData(0, "row 3: \"type\" is 0 (unknown); allowed are 1 (vehicle), 2 (pedestrian) and 4 (cyclist).")]
    public async Task Another_type_is_refused(sbyte type, string message)
    {
        using var folder = TestFiles.NewFolder();
        await WriteSegmentAsync(folder, "validation", "a", frames: 1, new WaymoFiles.BoxRow(Start, 2, type, 1, 1, 1, 1));

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => WaymoSource.Open(folder.Path, WaymoFrames.F0).ReadAsync("validation", null, TestContext.Current.CancellationToken));

        Assert.Equal($"{folder.File("validation/camera_box/a.parquet")}: {message}", refused.Message);
    }

    [Fact]
    public async Task A_box_without_a_picture_is_refused()
    {
        using var folder = TestFiles.NewFolder();
        await WriteSegmentAsync(folder, "validation", "a", frames: 1, new WaymoFiles.BoxRow(7, 2, 1, 1, 1, 1, 1));

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => WaymoSource.Open(folder.Path, WaymoFrames.F0).ReadAsync("validation", null, TestContext.Current.CancellationToken));

        Assert.Equal($"{folder.File("validation/camera_box/a.parquet")}: row 3: \"key\" is camera 2 at 7, which camera_image does not have.", refused.Message);
    }

    [Fact]
    public async Task Files_that_are_no_segments_are_refused()
    {
        using var folder = TestFiles.NewFolder();
        Directory.CreateDirectory(folder.File("validation/camera_box"));
        var alone = Assert.Throws<InvalidInputException>(() => WaymoSource.Open(folder.Path, WaymoFrames.F0));
        Directory.CreateDirectory(folder.File("validation/camera_image"));
        await File.WriteAllTextAsync(folder.File("validation/camera_image/a.parquet"), "no Parquet at all", TestContext.Current.CancellationToken);
        var broken = await Assert.ThrowsAsync<InvalidInputException>(() => WaymoSource.Open(folder.Path, WaymoFrames.F0).ReadAsync("validation", null, TestContext.Current.CancellationToken));
        await WaymoFiles.WriteBoxesAsync(folder.File("validation/camera_image/a.parquet"), [new(1, 1, 1, 1, 1, 1, 1)]);
        await WaymoFiles.WriteBoxesAsync(folder.File("validation/camera_box/a.parquet"), [new(1, 1, 1, 1, 1, 1, 1)]);
        var columns = await Assert.ThrowsAsync<InvalidInputException>(() => WaymoSource.Open(folder.Path, WaymoFrames.F0).ReadAsync("validation", null, TestContext.Current.CancellationToken));

        Assert.Equal($"{folder.File("validation")}: camera_box/ is there, camera_image/ is not; it has the pictures and says which frames there are.", alone.Message);
        Assert.StartsWith($"{folder.File("validation/camera_image/a.parquet")}: not a Parquet file: ", broken.Message);
        Assert.StartsWith($"{folder.File("validation/camera_image/a.parquet")}: there is no column \"[CameraImageComponent].image\"; there are key.frame_timestamp_micros, ", columns.Message);
    }

    [Theory]
    [InlineData("f10")]
    [InlineData("0")]
    [InlineData("")]
    public void Frames_are_a_digit_or_all(string text)
    {
        var refused = Assert.Throws<InvalidInputException>(() => WaymoFrames.Parse(text));

        Assert.Equal($"--frames: got {text}, allowed are f0 to f9 (frames whose index ends with that digit) and all.", refused.Message);
    }

    // Rows are not in the order of time. The front three cameras are taller than those of the sides, as in the real set.
    private static async Task WriteSegmentAsync(TemporaryFolder folder, string split, string name, int frames, params WaymoFiles.BoxRow[] more)
    {
        var times = Enumerable.Range(0, frames).Select(frame => Start + (100_000L * frame)).Reverse().ToArray();
        await WaymoFiles.WriteImagesAsync(
            folder.File($"{split}/camera_image/{name}.parquet"),
            [.. times.SelectMany(time => Enumerable.Range(1, 5).Select(camera => (time, (sbyte)camera, 48, camera <= 3 ? 32 : 22)))]);
        await WaymoFiles.WriteBoxesAsync(
            folder.File($"{split}/camera_box/{name}.parquet"),
            [
                .. times.Reverse().SelectMany(time => (WaymoFiles.BoxRow[])
                [
                    new(time, 1, 1, 10, 10, 10, 4),
                    new(time, 5, 4, 0.5, 0.5, 2 / 3.0, 1 / 3.0),
                ]),
                .. more,
            ]);
    }
}
