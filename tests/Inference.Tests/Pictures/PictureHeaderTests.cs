using Serve.Eval;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

public class PictureHeaderTests
{
    [Theory]
    [InlineData("image/jpeg", "a.jpg")]
    [InlineData("image/png", "a[1].png")]
    [InlineData("image/webp", "a.jpg")]
    public void Sizes_are_read_whatever_the_file_is_called(string mediaType, string name)
    {
        using var folder = TestFiles.NewFolder();
        var encoded = PictureEncoder.Encode(new Picture(31, 17, new byte[31 * 17 * 3]), mediaType);
        File.WriteAllBytes(folder.File(name), encoded);

        Assert.Equal((31, 17), PictureHeader.ReadSize(folder.File(name)));
        Assert.Equal((31, 17), PictureHeader.ReadSize(encoded));
    }

    [Fact]
    public void Sizes_equal_those_of_the_decoded_pictures_turned_ones_too()
    {
        var files = Directory.GetFiles(TestFiles.Shared("images/formats")).Concat(Directory.GetFiles(TestFiles.Shared("images/photos"))).Order(StringComparer.Ordinal);
        var (compared, refused) = (0, new List<string>());
        foreach (var file in files)
        {
            Picture picture;
            try
            {
                picture = PictureDecoder.DecodeFile(file, new PictureLimits());
            }
            catch (PictureException)
            {
                refused.Add(Path.GetFileName(file));
                continue;
            }

            Assert.Equal((file, picture.Width, picture.Height), (file, PictureHeader.ReadSize(file).Width, PictureHeader.ReadSize(file).Height));
            compared++;
        }

        // Formats that are not read.
        Assert.Equal(["hopper.bmp"], refused);
        Assert.InRange(compared, 30, 100);
    }

    [Fact]
    public void What_is_no_picture_is_refused_without_naming_the_file()
    {
        using var folder = TestFiles.NewFolder();
        File.WriteAllText(folder.File("a.jpg"), "hello");
        File.WriteAllBytes(folder.File("b.jpg"), [0xFF, 0xD8, 0xFF, 0xE0, 0, 4]);

        var text = Assert.Throws<PictureException>(() => PictureHeader.ReadSize(folder.File("a.jpg")));
        var broken = Assert.Throws<PictureException>(() => PictureHeader.ReadSize(folder.File("b.jpg")));
        var missing = Assert.Throws<InvalidInputException>(() => PictureHeader.ReadSize(folder.File("c.jpg")));

        Assert.StartsWith("The content is not a picture in a known format.", text.Message);
        Assert.Equal("the header of the JPEG picture is damaged.", broken.Message);
        Assert.Equal("the picture file cannot be read (FileNotFoundException).", missing.Message);
    }
}
