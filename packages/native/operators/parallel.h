// Work shared out among the cores: threads of this library's own, made once, asleep between calls.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cultivar {

class Crew {
 public:
  static Crew& instance() {
    // Never destroyed: at the end of the process its threads may still be asleep.
    static Crew* crew = new Crew(std::thread::hardware_concurrency());
    return *crew;
  }

  int size() const { return size_; }

  // Calls work(part) for every part in 0..parts-1; returns when all are done. One call at a time.
  void run(int parts, const std::function<void(int)>& work) {
    std::lock_guard<std::mutex> one(callers_);
    if (parts <= 1 || size_ <= 1) {
      for (int part = 0; part < parts; part++) work(part);
      return;
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      parts_ = parts;
      next_ = 0;
      busy_ = size_ - 1;
      round_++;
    }
    wake_.notify_all();
    take(work, parts);
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  explicit Crew(unsigned size) : size_(size < 1 ? 1 : static_cast<int>(size)) {
    for (int index = 1; index < size_; index++) std::thread([this] { stand(); }).detach();
  }

  void take(const std::function<void(int)>& work, int parts) {
    for (int part = next_++; part < parts; part = next_++) work(part);
  }

  void stand() {
    for (long seen = 0;;) {
      const std::function<void(int)>* work;
      int parts;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return round_ != seen; });
        seen = round_;
        work = work_;
        parts = parts_;
      }
      take(*work, parts);
      std::lock_guard<std::mutex> lock(mutex_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  const int size_;
  std::mutex callers_, mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int)>* work_ = nullptr;
  std::atomic<int> next_{0};
  int parts_ = 0, busy_ = 0;
  long round_ = 0;
};

// work(begin, end, part) for equal shares of 0..count-1, at most `most` of them.
inline int shares(long count, long least) {
  const long most = 4L * Crew::instance().size();
  const long parts = count / (least < 1 ? 1 : least);
  return static_cast<int>(parts < 1 ? 1 : parts > most ? most : parts);
}

template <typename Work>
void share(long count, int parts, const Work& work) {
  Crew::instance().run(parts, [&](int part) { work(count * part / parts, count * (part + 1) / parts, part); });
}

}  // namespace cultivar
