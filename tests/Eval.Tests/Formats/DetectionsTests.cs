using System.IO.Compression;
using System.Text;
using Serve.Eval.Datasets;
using Serve.Eval.Formats.Results;

namespace Serve.Eval.Tests.Formats;

public class DetectionsTests
{
    private static readonly Dataset Data = new(
        [new(7, "val/a.jpg", 200, 100), new(9, "b, \"two\".png", 50, 50), new(11, "unsized.jpg", 0, 0)], [new(3, "cat"), new(5, "big, dog")], [], "");

    private readonly record struct Row(long Image, long Category, double X, double Y, double Width, double Height, double Score, double Area);

    [Theory]
    [InlineData("image_id,category_id,x,y,width,height,score\n7,5,10,20,30,40,0.5\n9,3,1.5,2,3,4,1e-1\n")]
    [InlineData("score,x1,y1,x2,y2,category_id,image_id,other\r\n0.5,10,20,40,60,5,7,\r\n0.1,1.5,2,4.5,6,3,9,x\r\n")]
    [InlineData("file_name,category,x,y,width,height,score\nval/a.jpg,\"big, dog\",10,20,30,40,0.5\n\"b, \"\"two\"\".png\",cat,1.5,2,3,4,0.1")]
    [InlineData("image_id;category_id;x;y;width;height;score\n7;5;10;20;30;40;0.5\n9;3;1.5;2;3;4;0.1\n")]
    [InlineData("image_id\tcategory\tx\ty\twidth\theight\tscore\n7\tbig, dog\t10\t20\t30\t40\t0.5\n9\tcat\t1.5\t2\t3\t4\t0.1\n")]
    public async Task Csv_is_read_with_ids_or_names_and_corners_or_sides(string csv)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("results.CSV", csv);

        var table = await ReadAsync(folder.File("results.CSV"));

        Assert.Equal([new(7, 5, 10, 20, 30, 40, 0.5, 1200), new(9, 3, 1.5, 2, 3, 4, 0.1, 12)], Rows(table));
    }

    [Theory]
    [InlineData("image_id,category_id,x,y,width,height\n", "line 1: the header has image_id, category_id, x, y, width, height; needed are image_id or file_name, category_id or category, x1,y1,x2,y2 or x,y,width,height, and score.")]
    [InlineData("image_id,category_id,x,y,width,height,score\n7,5,1,2,3,4,0.5\n7,5,1,up,3,4,0.5\n", "line 3: \"y\" is \"up\"; it must be a finite number.")]
    [InlineData("image_id,category_id,x,y,width,height,score\n7,5,1,2,3,4,NaN\n", "line 2: \"score\" is \"NaN\"; it must be a finite number.")]
    [InlineData("image_id,category_id,x,y,width,height,score\n7.5,5,1,2,3,4,0\n", "line 2: \"image_id\" is \"7.5\"; it must be an integer.")]
    [InlineData("file_name,category_id,x,y,width,height,score\na.jpg,5,1,2,3,4,0\n", "line 2: \"file_name\" is \"a.jpg\", which is the file name of no image of the dataset.")]
    [InlineData("image_id,category,x,y,width,height,score\n7,Cat,1,2,3,4,0\n", "line 2: \"category\" is \"Cat\", which is the name of no category of the dataset.")]
    public async Task Csv_that_cannot_be_used_is_refused_with_line_and_column(string csv, string message)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("results.csv", csv);

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(folder.File("results.csv")));

        Assert.Equal($"{folder.File("results.csv")}: {message}", refused.Message);
    }

    [Fact]
    public async Task All_lines_that_cannot_be_used_are_told_at_once()
    {
        using var folder = TestFiles.NewFolder();
        var csv = new StringBuilder("image_id,category,x,y,width,height,score\n7,cat,1,2,3,4,0.5\nseven,cat,1,2,3,four,0.5\n7,cat,1,2,3,4\n");
        for (var i = 0; i < 30; i++)
            csv.Append("7,horse,1,2,3,4,0.5\n");
        folder.Write("results.csv", csv.ToString());

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(folder.File("results.csv")));

        var lines = refused.Message.Split(Environment.NewLine);
        Assert.Equal(
            [
                "line 3: \"image_id\" is \"seven\"; it must be an integer.", "line 3: \"height\" is \"four\"; it must be a finite number.",
                "line 4: has 6 columns; the header has 7.", "line 5: \"category\" is \"horse\", which is the name of no category of the dataset.",
            ],
            lines[..4].Select(line => line.Replace($"{folder.File("results.csv")}: ", "", StringComparison.Ordinal)));
        Assert.Equal((21, "and 13 more."), (lines.Length, lines[^1]));
    }

    [Fact]
    public async Task Csv_may_be_compressed_and_ends_where_it_ends()
    {
        using var folder = TestFiles.NewFolder();
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync("image_id,category_id,x,y,width,height,score\n7,5,10,20,30,40,0.5\n\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder.File("whole.csv.gz"), packed.ToArray(), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder.File("torn.csv.gz"), [0x1F, 0x8B, 1, 2, 3], TestContext.Current.CancellationToken);

        var table = await Detections.ReadAsync(folder.File("whole.csv.gz"), Data, AnnotationParts.Segmentations, TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(folder.File("torn.csv.gz")));

        Assert.Equal([new(7, 5, 10, 20, 30, 40, 0.5, 1200)], Rows(table));
        Assert.Equal(1, table.Segmentations!.Count);
        Assert.StartsWith($"{folder.File("torn.csv.gz")}: begins as a gzip file does, but is none: ", refused.Message);
    }

    [Fact]
    public async Task A_row_of_another_length_is_refused()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("results.csv", "image_id,category_id,x,y,width,height,score\n7,5,1,2,3,4\n");

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(folder.File("results.csv")));

        Assert.Equal($"{folder.File("results.csv")}: line 2: has 6 columns; the header has 7.", refused.Message);
    }

    [Fact]
    public async Task A_header_alone_holds_no_detections()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("results.csv", "image_id,category_id,x,y,width,height,score");

        Assert.Equal(0, (await ReadAsync(folder.File("results.csv"))).Count);
    }

    [Theory]
    [InlineData("val/a.txt", "1 0.5 0.5 0.25 0.5 0.9\n0 0.25 0.25 0.5 0.5 1e-3\n")]
    [InlineData("labels/a.txt", "1 0.5 0.5 0.25 0.5 0.9\r\n\r\n0 0.25 0.25 0.5 0.5 0.001")]
    public async Task Yolo_text_is_found_by_the_pictures_name_with_or_without_its_folder(string file, string text)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write(file, text);

        var table = await ReadAsync(folder.Path);

        Assert.Equal([new(7, 5, 75, 25, 50, 50, 0.9, 2500), new(7, 3, 0, 0, 100, 50, 0.001, 5000)], Rows(table));
        Assert.Null(table.Segmentations);
    }

    [Fact]
    public async Task Yolo_classes_may_have_names_of_their_own_and_polygons_are_kept_where_wanted()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("a.txt", "0 0.1 0.1 0.2 0.1 0.1 0.3 0.75\n1 0.5 0.5 0.25 0.5 0.5\n");
        folder.Write("classes.txt", "big, dog\ncat\n");

        var table = await Detections.ReadAsync(folder.Path, Data, AnnotationParts.Segmentations, TestContext.Current.CancellationToken);

        Assert.Equal([5, 3], table.CategoryIds.ToArray());
        Assert.Equal((20, 10, 20, 20), (table.X[0], table.Y[0], Math.Round(table.Width[0], 9), Math.Round(table.Height[0], 9)));
        Assert.Equal(200, table.Areas[0], 9);
        Assert.Equal([20, 10, 40, 10, 20, 30], table.Segmentations!.PolygonsOf(0).Numbers.ToArray().Select(number => Math.Round(number, 9)));
        Assert.Equal(2, table.Segmentations.Count);
    }

    [Theory]
    [InlineData("a.txt", "0 0.5 0.5 1 1\n", "a.txt: line 1: has 5 values; it must be class cx cy width height score, or class, three or more points x y, and score.")]
    [InlineData("a.txt", "2 0.5 0.5 1 1 0.5\n", "a.txt: line 1: the class is \"2\"; it must be 0 to 1.")]
    [InlineData("a.txt", "\n0 0.5 inf 1 1 0.5\n", "a.txt: line 2: holds \"inf\"; it must be a finite number.")]
    [InlineData("c.txt", "", "c.txt: belongs to no image of the dataset; the name must be that of a picture, with .txt in place of its extension.")]
    [InlineData("unsized.txt", "", "unsized.txt: the dataset does not say how large image 11 is, so fractions cannot become pixels.")]
    public async Task Yolo_text_that_cannot_be_used_is_refused_with_file_and_line(string file, string text, string message)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write(file, text);

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(folder.Path));

        Assert.Equal(folder.File(message), refused.Message);
    }

    [Fact]
    public async Task A_folder_without_text_and_an_unknown_class_name_are_refused()
    {
        using var folder = TestFiles.NewFolder();

        var empty = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(folder.Path));
        folder.Write("a.txt", "");
        folder.Write("classes.txt", "horse\n");
        var unknown = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(folder.Path));

        Assert.Equal($"{folder.Path}: holds no *.txt; YOLO results are a text file an image.", empty.Message);
        Assert.Equal($"{folder.File("classes.txt")}: \"horse\" is the name of no category of the dataset.", unknown.Message);
    }

    [Fact]
    public async Task Every_other_file_is_coco_json()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("results.json", "[{\"image_id\": 7, \"category_id\": 5, \"bbox\": [10, 20, 30, 40], \"score\": 0.5}]");

        Assert.Equal([new(7, 5, 10, 20, 30, 40, 0.5, 1200)], Rows(await ReadAsync(folder.File("results.json"))));
    }

    private static Task<DetectionTable> ReadAsync(string path) => Detections.ReadAsync(path, Data, AnnotationParts.Boxes, TestContext.Current.CancellationToken);

    private static Row[] Rows(DetectionTable table)
    {
        var rows = new Row[table.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = new(table.ImageIds[i], table.CategoryIds[i], table.X[i], table.Y[i], table.Width[i], table.Height[i], table.Scores[i], table.Areas[i]);
        return rows;
    }
}
