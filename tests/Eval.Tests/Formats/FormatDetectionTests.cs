using Serve.Eval.Formats;

namespace Serve.Eval.Tests.Formats;

public class FormatDetectionTests
{
    [Theory]
    [InlineData("annotations/instances_val.json", "{}", DatasetFormat.Coco)]
    [InlineData("annotations/instances.json", "{}", DatasetFormat.Coco)]
    [InlineData("data.yaml", "", DatasetFormat.Yolo)]
    [InlineData("labels/train/a.txt", "", DatasetFormat.Yolo)]
    [InlineData("train/labels/a.txt", "", DatasetFormat.Yolo)]
    [InlineData("Annotations/a.xml", "<?xml version=\"1.0\"?><!-- by hand --><annotation/>", DatasetFormat.Voc)]
    [InlineData("a.xml", "<annotation/>", DatasetFormat.Voc)]
    [InlineData("annotations/ARMS.xml", "<book/>", DatasetFormat.Manga109)]
    [InlineData("annotations.v2020.12.18/ARMS.xml", "<book/>", DatasetFormat.Manga109)]
    [InlineData("training/camera_box/1.parquet", "", DatasetFormat.Waymo)]
    [InlineData("camera_box/1.parquet", "", DatasetFormat.Waymo)]
    public void A_folder_is_told_from_what_is_in_it(string file, string content, DatasetFormat format)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write(file, content);

        Assert.Equal(format, FormatDetection.Detect(folder.Path));
    }

    [Fact]
    public void Files_are_told_by_their_extension()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("a.json", "{}");
        folder.Write("a.yaml", "");
        folder.Write("a.csv", "");

        Assert.Equal(DatasetFormat.Coco, FormatDetection.Detect(folder.File("a.json")));
        Assert.Equal(DatasetFormat.Yolo, FormatDetection.Detect(folder.File("a.yaml")));
        var refused = Assert.Throws<InvalidInputException>(() => FormatDetection.Detect(folder.File("a.csv")));
        Assert.Equal($"{folder.File("a.csv")}: a dataset is a folder, a COCO .json (or .json.gz) file, or a YOLO .yaml file.", refused.Message);
    }

    [Fact]
    public void What_is_no_dataset_is_refused_with_all_that_was_looked_for()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("notes.xml", "<html/>");

        var refused = Assert.Throws<InvalidInputException>(() => FormatDetection.Detect(folder.Path));
        var missing = Assert.Throws<InvalidInputException>(() => FormatDetection.Detect(folder.File("no")));

        Assert.Equal(
            $"{folder.Path}: not a dataset in a known format; looked for annotations/instances*.json (coco), Annotations/*.xml or *.xml with <annotation> (voc), "
            + "data.yaml, labels/ or *.txt beside pictures (yolo), annotations*/*.xml with <book> (manga109), camera_box/*.parquet (waymo).",
            refused.Message);
        Assert.Equal($"{folder.File("no")}: there is no such file or folder.", missing.Message);
    }

    [Theory]
    [InlineData(DatasetFormat.Coco, "not a COCO dataset; looked for annotations/instances_<split>.json and annotations/instances.json, and found neither.")]
    [InlineData(DatasetFormat.Voc, "not a Pascal VOC dataset; looked for Annotations/*.xml and *.xml, and found neither.")]
    [InlineData(DatasetFormat.Yolo, "not a YOLO dataset; looked for data.yaml, labels/ beside images/, <split>/labels/ and *.txt beside pictures, and found none.")]
    [InlineData(DatasetFormat.Manga109, "not a Manga109 dataset; looked for annotations*/*.xml and found none.")]
    [InlineData(DatasetFormat.Waymo, "Waymo's Parquet files are read by Serve.Inference, which has the library for them.")]
    public void An_empty_folder_is_refused_by_every_format(DatasetFormat format, string message)
    {
        using var folder = TestFiles.NewFolder();

        var refused = Assert.Throws<InvalidInputException>(() => DatasetSources.Open(folder.Path, format, SourceTrial.Options));

        Assert.Equal($"{folder.Path}: {message}", refused.Message);
    }

    [Fact]
    public void Names_of_formats_are_found_again()
    {
        Assert.Equal(["coco", "voc", "yolo", "manga109", "waymo"], DatasetFormats.Names);
        Assert.All(Enum.GetValues<DatasetFormat>(), format => Assert.Equal(format, DatasetFormats.Find(format.Name())));
        Assert.Null(DatasetFormats.Find("COCO"));
    }
}
