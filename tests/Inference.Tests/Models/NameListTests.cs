using Serve.Inference.Models;

namespace Serve.Inference.Tests.Models;

public sealed class NameListTests
{
    [Theory]
    [InlineData("{0: 'person', 1: 'car'}", "person|car")]
    [InlineData("{0: \"driver's seat\", 1: 'a \\'b\\' c', 2: 'caf\\u00e9', 3: 'x\\\\y'}", "driver's seat|a 'b' c|café|x\\y")]
    [InlineData("{1: 'b', 0: 'a',}", "a|b")]
    [InlineData("{0: 'a', 2: 'c'}", "a||c")]
    [InlineData("{\"0\": \"a\", \"1\": \"b\"}", "a|b")]
    [InlineData("['a', \"b\", 'c, d']", "a|b|c, d")]
    [InlineData("('a',)", "a")]
    [InlineData("a, b ,c", "a|b|c")]
    [InlineData("a b\nc\n\n", "a b|c")]
    public void Lists_are_read_however_they_were_written(string text, string expected)
        => Assert.Equal(expected, string.Join('|', NameList.Parse(text)!));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{0: 'a'")]
    [InlineData("{0: a}")]
    [InlineData("{x: 'a'}")]
    [InlineData("{-1: 'a'}")]
    [InlineData("{999999999: 'a'}")]
    [InlineData("['a' 'b']")]
    [InlineData("['a'] and more")]
    [InlineData("['a\\")]
    [InlineData("['\\u12")]
    [InlineData("{'a': 0}")]
    public void What_is_no_list_is_none(string text) => Assert.Null(NameList.Parse(text));
}
