using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Tests.Reports;

public class MarkupTextTests
{
    [Fact]
    public void What_is_inserted_is_escaped_and_what_is_written_is_not()
    {
        var name = "<b>\"R&D\"</b> 'x'";

        var text = new MarkupText().Add($"<p title=\"{name}\">{name}</p>").ToPiece().Text;

        Assert.Equal("<p title=\"&lt;b&gt;&quot;R&amp;D&quot;&lt;/b&gt; &#39;x&#39;\">&lt;b&gt;&quot;R&amp;D&quot;&lt;/b&gt; &#39;x&#39;</p>", text);
    }

    [Fact]
    public void A_finished_piece_is_inserted_as_it_is()
    {
        var piece = new MarkupText().Add($"<i>{"<"}</i>").ToPiece();

        Assert.Equal("<p><i>&lt;</i></p>", new MarkupText().Add($"<p>{piece}</p>").ToPiece().Text);
    }

    [Fact]
    public void Numbers_are_written_in_the_invariant_culture()
        => Assert.Equal(
            "1234567 1,234,567 0.5 0.1250 0.13",
            CommaCulture.Run(() => new MarkupText().Add($"{1234567} {1234567:N0} {0.5} {0.125:0.0000} {0.125}").ToPiece().Text));

    [Theory]
    [InlineData("a\0b\u0001\u001b", "a\uFFFDb\uFFFD\uFFFD")]
    [InlineData("cat 🐈 é\tx", "cat 🐈 é\tx")]
    public void Characters_that_no_page_may_hold_are_replaced(string content, string expected) => Assert.Equal(expected, MarkupText.Escape(content));

    [Fact]
    public void Half_of_a_surrogate_pair_is_replaced() => Assert.Equal("half \uFFFD pair", MarkupText.Escape($"half {(char)0xD83D} pair"));
}
