// The main function of every unit test program. Written out, not made by BOOST_TEST_MODULE, which would have to be
// defined before Boost's header, and that is precompiled.
#include <boost/test/unit_test.hpp>

int main(int argc, char** argv) {
  return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
}
