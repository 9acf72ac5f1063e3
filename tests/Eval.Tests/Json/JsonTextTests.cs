using System.Text;
using System.Text.Json;
using Serve.Eval.Json;

namespace Serve.Eval.Tests.Json;

public class JsonTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("é and 日本 and 😀", "é and 日本 and 😀")]
    [InlineData("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t")]
    [InlineData("a\\u00e9b\\u65e5", "aéb日")]
    [InlineData("\\ud83d\\ude00!", "😀!")]
    [InlineData("\\u0000", "\0")]
    public void Text_is_decoded(string raw, string expected) => Assert.Equal(expected, JsonText.Decode(Encoding.UTF8.GetBytes(raw)));

    [Theory]
    [InlineData("\\ud83d")]
    [InlineData("\\ud83dx")]
    [InlineData("\\ud83d\\n")]
    [InlineData("\\ude00\\ud83d")]
    [InlineData("\\ud83d\\u0041")]
    public void Half_of_a_surrogate_pair_is_no_text(string raw) => Assert.Null(JsonText.Decode(Encoding.UTF8.GetBytes(raw)));

    [Fact]
    public void Broken_utf8_is_no_text()
    {
        Assert.Null(JsonText.Decode([0x41, 0xFF]));
        Assert.Null(JsonText.Decode([(byte)'\\', (byte)'n', 0xC3]));
        Assert.Null(JsonText.Decode([0xED, 0xA0, 0x80]));
    }

    [Fact]
    public void Any_text_comes_back_as_the_library_wrote_it()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ =>
                new Rune(random.Next(4) switch { 0 => random.Next(0x20), 1 => random.Next(0x80), 2 => random.Next(0xE000, 0x1_0000), _ => random.Next(0x1_0000, 0x11_0000) }).ToString()));
            var raw = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(text));
            Assert.Equal(text, JsonText.Decode(raw.AsSpan(1, raw.Length - 2)));
        }
    }
}
