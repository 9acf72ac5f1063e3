namespace Serve.Eval.Tests;

public class BoxTests
{
    [Fact]
    public void FromCocoXywh_gives_corners()
    {
        var box = Box.FromCocoXywh(10, 20, 30, 40);

        Assert.Equal(new Box(10, 20, 40, 60), box);
    }
}
